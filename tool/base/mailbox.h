// Messages of any size from processes that this one starts.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ringfence {

class Mailbox {
public:
  struct Message {
    std::size_t sender;     // as it named itself
    std::string_view bytes; // valid until drop()
  };

  // Before the senders start. Throws nothing: where the system refuses, nothing can be sent.
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox &) = delete;
  Mailbox &operator=(const Mailbox &) = delete;

  // Whether the system gave what it takes.
  explicit operator bool() const { return memory_ != nullptr; }

  // A sender's. Nothing is sent where the space is used up; a message arrives whole or not at all.
  void send(std::size_t sender, std::string_view bytes);

  // The receiver's, once the senders have started and before receive().
  void only_receive();
  // Waits for the next message; nothing once no sender is left.
  std::optional<Message> receive();
  // Gives a message's memory back.
  void drop(const Message &message);

private:
  char *memory_ = nullptr; // that all processes share; its first bytes count those in use
  int in_ = -1, out_ = -1; // ends of a pipe, through which the places of messages go
};

} // namespace ringfence
