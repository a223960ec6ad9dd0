#include "cache/database.h"

#include <sqlite3.h>

namespace ringfence {
namespace {

[[noreturn]] void fail(sqlite3 *database) { throw DatabaseError(sqlite3_errcode(database), sqlite3_errmsg(database)); }

} // namespace

bool DatabaseError::is_damage(int code) { return code == SQLITE_NOTADB || code == SQLITE_CORRUPT; }

void Query::Finalise::operator()(sqlite3_stmt *statement) const { sqlite3_finalize(statement); }

Query &Query::bind(int number, std::string_view blob) {
  sqlite3_bind_blob64(statement_.get(), number, blob.data(), blob.size(), SQLITE_TRANSIENT);
  return *this;
}

Query &Query::bind(int number, std::int64_t value) {
  sqlite3_bind_int64(statement_.get(), number, value);
  return *this;
}

bool Query::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW && code != SQLITE_DONE)
    fail(sqlite3_db_handle(statement_.get()));
  return code == SQLITE_ROW;
}

void Query::reset() { sqlite3_reset(statement_.get()); }

std::string_view Query::blob(int column) const {
  const void *data = sqlite3_column_blob(statement_.get(), column);
  return {static_cast<const char *>(data), static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

std::int64_t Query::number(int column) const { return sqlite3_column_int64(statement_.get(), column); }

void Database::Close::operator()(sqlite3 *database) const { sqlite3_close(database); }

Database::Database(const std::string &path) {
  sqlite3 *opened = nullptr;
  const int code = sqlite3_open(path.c_str(), &opened);
  database_.reset(opened);
  if (code != SQLITE_OK)
    fail(opened);
  sqlite3_busy_timeout(opened, 10'000);
}

Query Database::query(std::string_view sql) {
  sqlite3_stmt *statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK)
    fail(database_.get());
  return Query(statement);
}

} // namespace ringfence
