// Options that several commands take. With options.cc the only user of CLI11.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/keys_of.h"
#include "cli/options.h"

namespace ringfence {

inline const std::map<std::string, When> when_names = {
    {"auto", When::automatic}, {"always", When::always}, {"never", When::never}};
inline const std::map<std::string, Risk> risk_names = {
    {"low", Risk::low}, {"medium", Risk::medium}, {"high", Risk::high}};

// An option whose value is one of the choices.
template <class T>
void add_choice(CLI::App &app, const std::string &name, T &value, const std::map<std::string, T> &choices,
                const std::string &description) {
  const std::vector<std::string> keys = keys_of(choices);
  app.add_option_function<std::string>(
         name, [&value, choices](const std::string &key) { value = choices.at(key); }, description)
      ->check(CLI::IsMember(keys).description(""))
      ->type_name(CLI::detail::join(keys, "|"));
}

void add_profiles(CLI::App &app, std::vector<Profile> &profiles);
void add_min_risk(CLI::App &app, Risk &risk, const std::string &standard);
// --format, one of these.
template <class T> void add_format(CLI::App &app, T &format, const std::map<std::string, T> &choices) {
  add_choice(app, "--format", format, choices, "of the output (default: text)");
}
// What to read and how, and add_judging_options().
void add_analysis_options(CLI::App &app, TreeOptions &options);
// What facts are judged by: profiles, rules, the oldest Python; and --quiet.
void add_judging_options(CLI::App &app, TreeOptions &options);
void add_allow_incomplete(CLI::App &app, bool &flag);
void add_changed_since(CLI::App &app, std::string &revision);
void add_variables(CLI::App &app, bool &flag);

// All profiles where none was given; in order and without duplicates.
void complete(std::vector<Profile> &profiles);
// What follows from the options once they are read, first of all: what the project's settings say (settings/settings.h)
// stands where the command line says nothing. Then the profiles.
void complete(CLI::App &command, TreeOptions &options);
// The project's baseline where none is named and there is one: ringfence.baseline in the tree's folder.
void complete_baseline(std::string &baseline, const TreeOptions &options);

} // namespace ringfence
