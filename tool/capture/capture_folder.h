// The temporary folder of a captured build:
//   NAME          symlink to ringfence, for each compiler and launcher
//   .real/NAME    symlink to the program that NAME stands for
//   CC/, CXX/     the same once more for the absolute compiler in the variable of that name
//   .log          capture/capture_log.h
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace ringfence {

inline constexpr const char *capture_variable = "RINGFENCE_CAPTURE"; // holds the folder, in the build's environment
inline constexpr std::string_view folder_prefix = "ringfence-capture-";
inline constexpr std::string_view real_folder = ".real";
inline constexpr std::string_view log_name = ".log";

// Made on construction, removed with all that is in it on destruction. What a killed capture left is removed by the next:
// the log of one that goes on is locked.
class CaptureFolder {
public:
  static Result<CaptureFolder> make();
  CaptureFolder(CaptureFolder &&other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {
    other.path_.clear();
  }
  CaptureFolder &operator=(CaptureFolder &&) = delete;
  ~CaptureFolder();

  std::string log() const { return path_ + "/" + std::string(log_name); }
  // Sets PATH, CC, CXX and the capture variable of this process, for the build to inherit.
  void enter_environment() const;

private:
  explicit CaptureFolder(std::string path) : path_(std::move(path)) {}

  std::string path_; // empty after a move
  int lock_ = -1;    // descriptor of the log
};

// Absolute; "/" where it cannot be told.
std::string working_directory();

} // namespace ringfence
