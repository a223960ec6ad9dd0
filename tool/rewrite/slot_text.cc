#include "rewrite/slot_text.h"

#include <algorithm>

#include "rewrite/text_places.h"

namespace ringfence {
namespace {

// Functions that begin and end a block, and the definition of the slot.
std::string definition_of(const std::string &slot, const std::string &type, const std::string &name,
                          const std::string &init, const std::string &clear) {
  std::string text;
  if (!init.empty())
    text += "static int " + name + "_init(" + type + " *s)\n{\n" + init + "    return 0;\n}\n";
  if (!clear.empty())
    text += "static void " + name + "_clear(" + type + " *s)\n{\n" + clear + "}\n";
  return text + "RF_STATE(" + slot + ", " + type + ", " + (init.empty() ? "NULL" : name + "_init") + ", " +
         (clear.empty() ? "NULL" : name + "_clear") + ")\n";
}

std::string clear_of(const Component &component) {
  return component.released ? "    Py_CLEAR(s->" + component.member + ");\n" : "";
}

std::string shared_struct(const SharedGroup &group, const std::string &slot, const std::string &include,
                          const std::string &content) {
  const std::string type = "struct " + slot;
  std::string text = (include.empty() ? "" : "#include \"" + include + "\"\n\n") +
                     std::string("/* What files shared, once for each interpreter: see ringfence.h. */\n") + type +
                     " {\n";
  for (const Component &component : group.components) {
    const std::string_view comment = trailing_comment(content, component.uses.in_headers.front().statement);
    text += "    " + member_text(component) + ";" + (comment.empty() ? "" : "  ") + std::string(comment) + "\n";
  }
  return text + "};\nRF_STATE_DECLARE(" + slot + ", " + type + ")\n";
}

std::string shared_definition(const SharedGroup &group, const std::string &slot) {
  std::string init, clear;
  for (const Component &component : group.components) {
    init += first_value(component, "s");
    clear += clear_of(component);
  }
  return definition_of(slot, "struct " + slot, slot, init, clear);
}

// Behind the definitions of what moves, before the next declaration.
std::size_t behind_definitions(const SharedGroup &group, const std::vector<Span> &top_level,
                               const std::string &content) {
  unsigned end = 0;
  for (const Component &component : group.components)
    for (const Declared &declared : component.uses.declarations)
      end = std::max(end, declared.statement.end);
  for (const Span &declaration : top_level)
    if (declaration.begin >= end)
      return above(content, line_start(content, declaration.begin));
  return content.size();
}

} // namespace

std::string struct_text(const FileStatics &file, const std::string &slot, const std::string &content) {
  const std::string name = slot + "_statics", type = "struct " + name;
  std::string text = "/* What was static, once for each interpreter: see ringfence.h. */\n" + type + " {\n";
  std::string init, clear, macros;
  for (const Component &component : file.components) {
    if (component.uses.foreign) { // within itself, a macro's name is not expanded again
      macros += "#define " + component.uses.name + " (RF_GET(" + slot + ")->" + component.member + ")\n";
      init += "    (void)" + component.uses.name + "; /* the header's own is used no more */\n";
    }
    text += member_line(component, content);
    init += first_value(component, "s");
    clear += clear_of(component);
  }
  return text + "};\n" + definition_of(slot, type, name, init, clear) + macros + "\n";
}

void edit_shared(const SharedGroup &group, const std::string &slot, const std::string &include, const std::string &path,
                 const std::vector<Span> &top_level, const std::string &content, std::vector<Edit> &edits) {
  for (const Component &component : group.components)
    for (const Span &use : group.uses.at(component.id))
      if (use.file == path)
        edits.push_back({use.begin, use.end, "RF_GET(" + slot + ")->" + component.member});
  if (path == group.owner) {
    const auto at = static_cast<unsigned>(behind_definitions(group, top_level, content));
    edits.push_back({at, at, shared_definition(group, slot) + "\n"});
  }
  if (path != group.header)
    return;
  std::vector<Span> statements;
  for (const Component &component : group.components)
    for (const Declared &declared : component.uses.in_headers)
      statements.push_back(declared.statement);
  const Span last = *std::ranges::max_element(statements, {}, &Span::begin);
  for (const Span &statement : statements) {
    Edit removal = removal_of(content, statement);
    if (statement == last) // the line stays, and the blank one below it
      removal = {removal.begin,
                 std::min<unsigned>(removal.end, static_cast<unsigned>(content.find('\n', last.end) + 1)),
                 shared_struct(group, slot, include, content)};
    edits.push_back(std::move(removal));
  }
}

} // namespace ringfence
