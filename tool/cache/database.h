// SQLite, as far as the cache needs it. Errors are exceptions here; they do not leave this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace ringfence {

struct DatabaseError : std::runtime_error {
  DatabaseError(int code, const std::string &message) : runtime_error(message), damaged(is_damage(code)) {}
  bool damaged; // the file is no database, or one that was written over

private:
  static bool is_damage(int code);
};

// A statement in use: bound from 1 on, read from column 0 on. Views of columns last until the next step.
class Query {
public:
  explicit Query(sqlite3_stmt *statement) : statement_(statement) {}
  Query &bind(int number, std::string_view blob);
  Query &bind(int number, std::int64_t value);
  bool step();  // false: no further row
  void reset(); // to begin again; holds nothing locked until the next step
  std::string_view blob(int column) const;
  std::int64_t number(int column) const;

private:
  struct Finalise {
    void operator()(sqlite3_stmt *statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalise> statement_;
};

class Database {
public:
  // Opens the file or makes it. Waits up to ten seconds where another process writes.
  explicit Database(const std::string &path);

  Query query(std::string_view sql);
  void run(std::string_view sql) { query(sql).step(); }

private:
  struct Close {
    void operator()(sqlite3 *database) const;
  };
  std::unique_ptr<sqlite3, Close> database_;
};

} // namespace ringfence
