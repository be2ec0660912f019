#include "doc/yaml_words.hpp"

#include <cstdint>

#include "doc/json_writer.hpp"
#include "doc/yaml_scalar.hpp"
#include "util/strings.hpp"

namespace doc {
namespace {

// time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC)
std::string go_date(std::string_view rfc3339) {
  static constexpr std::string_view kMonths[] = {"January",
                                                 "February",
                                                 "March",
                                                 "April",
                                                 "May",
                                                 "June",
                                                 "July",
                                                 "August",
                                                 "September",
                                                 "October",
                                                 "November",
                                                 "December"};
  const auto number = [&](std::size_t at, std::size_t length) {
    return util::parse_int(rfc3339.substr(at, length)).value_or(0);
  };
  std::string out = "time.Date(" + std::to_string(number(0, 4)) + ", time." +
                    std::string(kMonths[static_cast<std::size_t>(number(5, 2)) - 1]);
  for (const std::size_t at : {std::size_t{8}, std::size_t{11}, std::size_t{14}, std::size_t{17}}) {
    out += ", " + std::to_string(number(at, 2));
  }
  return out + ", 0, time.UTC)";
}

}  // namespace

std::string yaml_position(std::size_t line, std::size_t column) {
  if (line == 0) {
    return "<unknown position>";
  }
  std::string out = "line " + std::to_string(line);
  return column == 0 ? out : out + ", column " + std::to_string(column + 1);
}

std::string go_key(const Node& scalar) {
  if (scalar.tag == kTimestampTag) {
    return go_date(*scalar.as_string());
  }
  if (const bool* b = scalar.as_bool()) {
    return *b ? "true" : "false";
  }
  if (const std::int64_t* i = scalar.as_int()) {
    return std::to_string(*i);
  }
  if (const double* d = scalar.as_double()) {
    return number_text(*d);
  }
  if (const std::string* text = scalar.as_string()) {
    return json_quote(*text);
  }
  return "<nil>";
}

std::string go_value(const Node& node) {
  std::string parts;
  if (const Mapping* mapping = node.as_mapping()) {
    for (const Entry& entry : mapping->entries) {
      parts +=
          (parts.empty() ? "" : ", ") + json_quote(entry.key.value) + ":" + go_value(entry.value);
    }
    return "map[string]interface {}{" + parts + "}";
  }
  if (const Sequence* sequence = node.as_sequence()) {
    for (const Node& item : sequence->items) {
      parts += (parts.empty() ? "" : ", ") + go_value(item);
    }
    return "[]interface {}{" + parts + "}";
  }
  if (const std::string* text = node.as_string()) {
    return json_quote(*text);
  }
  return node.is_null() ? "interface {}(nil)" : go_key(node);
}

}  // namespace doc
