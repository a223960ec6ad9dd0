// What a module does in one world, in one word for people. The verdict on its claim (ReportedModule::verified) is the
// proof behind it: a claim that "holds" may be one that rightly refuses.
#pragma once

#include <string_view>

#include "report/report.h"

namespace ringfence {

enum class PlainWord {
  unsafe,     // it loads there, and objects of high risk break
  incomplete, // it supports the world and nothing stands against it, but code of its folder was read in part or not at
              // all
  unclaimed,  // it does not say
  refused,    // it says that it does not support the world
  ok,         // it says that it does, and nothing stands against it
};

std::string_view to_string(PlainWord word);
// "loads there, and objects of it break"
std::string_view meaning_of(PlainWord word);

PlainWord plain_word(const Report &report, const ReportedModule &module, Profile profile);

} // namespace ringfence
