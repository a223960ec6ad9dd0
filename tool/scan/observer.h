// What a scan tells while it runs, for whoever shows it to a person.
#pragma once

#include <cstddef>
#include <string>

namespace ringfence {

class ScanObserver {
public:
  virtual ~ScanObserver() = default;

  // So many units are about to be read; end() follows when they are.
  virtual void begin(std::size_t) {}
  // A unit was read. Called from several threads at once.
  virtual void done(const std::string &) {}
  virtual void end() {}
  // Something that the user may want to know besides the report.
  virtual void note(const std::string &) {}
};

} // namespace ringfence
