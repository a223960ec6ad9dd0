#include "base/mailbox.h"

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace ringfence {
namespace {

// Address space alone: pages exist once they are written and until their message is dropped.
constexpr std::size_t space = 64ull << 30;
constexpr std::size_t page = 64 << 10; // a multiple of every page size in use

using Counter = std::atomic<std::size_t>;
static_assert(Counter::is_always_lock_free);

struct Place {
  std::size_t sender, begin, size;
};
static_assert(sizeof(Place) <= PIPE_BUF); // written in one piece (POSIX, write)

std::size_t in_pages(std::size_t size) { return (size + page - 1) / page * page; }

} // namespace

Mailbox::Mailbox() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return;
  in_ = ends[0];
  out_ = ends[1];
  void *memory = mmap(nullptr, space, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return;
  memory_ = static_cast<char *>(memory);
  new (memory_) Counter(page);
}

Mailbox::~Mailbox() {
  if (memory_)
    munmap(memory_, space);
  for (const int end : {in_, out_})
    if (end >= 0)
      close(end);
}

void Mailbox::send(std::size_t sender, std::string_view bytes) {
  const std::size_t size = in_pages(bytes.size());
  const std::size_t begin = reinterpret_cast<Counter *>(memory_)->fetch_add(size);
  if (begin > space - size)
    return;
  std::memcpy(memory_ + begin, bytes.data(), bytes.size());
  const Place place{sender, begin, bytes.size()};
  while (write(out_, &place, sizeof place) < 0 && errno == EINTR)
    ;
}

void Mailbox::only_receive() {
  close(out_);
  out_ = -1;
}

std::optional<Mailbox::Message> Mailbox::receive() {
  Place place{};
  ssize_t size = 0;
  while ((size = read(in_, &place, sizeof place)) < 0 && errno == EINTR)
    ;
  if (size != sizeof place)
    return std::nullopt;
  return Message{place.sender, {memory_ + place.begin, place.size}};
}

void Mailbox::drop(const Message &message) {
  madvise(const_cast<char *>(message.bytes.data()), in_pages(message.bytes.size()), MADV_REMOVE);
}

} // namespace ringfence
