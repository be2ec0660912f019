#include "compose/go_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

#include "doc/yaml_scalar.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

std::string collection_text(const doc::Mapping& mapping) {
  std::vector<std::string> parts;
  for (const doc::Entry& entry : mapping.entries) {
    parts.push_back(entry.key.value + ":" + plain_text(entry.value));
  }
  std::sort(parts.begin(), parts.end());
  return "map[" + util::join(parts, " ") + "]";
}

std::string collection_text(const doc::Sequence& sequence) {
  std::vector<std::string> parts;
  for (const doc::Node& item : sequence.items) {
    parts.push_back(plain_text(item));
  }
  return "[" + util::join(parts, " ") + "]";
}

// A number, but a larger one than there are doubles.
bool is_beyond_doubles(std::string_view text) {
  const std::string number(text.substr(text.starts_with('+') || text.starts_with('-') ? 1 : 0));
  char* end = nullptr;
  return !number.empty() && (util::is_digit(number.front()) || number.front() == '.') &&
         std::isinf(std::strtod(number.c_str(), &end)) && *end == '\0';
}

std::string parse_error(std::string_view function, std::string_view text, bool range) {
  return "strconv." + std::string(function) + ": parsing " + quoted(text) +
         (range ? ": value out of range" : ": invalid syntax");
}

}  // namespace

const std::string* text_of(const doc::Node& node) {
  return node.tag == doc::kTimestampTag ? nullptr : node.as_string();
}

std::string plain_text(const doc::Node& node) {
  if (const std::string* text = node.as_string()) {
    return node.tag == doc::kTimestampTag ? doc::timestamp_text(*text) : *text;
  }
  if (const bool* flag = node.as_bool()) {
    return *flag ? "true" : "false";
  }
  if (const std::int64_t* number = node.as_int()) {
    return std::to_string(*number);
  }
  if (const std::string_view digits = doc::unsigned_digits(node); !digits.empty()) {
    return std::string(digits);
  }
  if (const double* number = node.as_double()) {
    return doc::number_text(*number);
  }
  if (const doc::Mapping* mapping = node.as_mapping()) {
    return collection_text(*mapping);
  }
  if (const doc::Sequence* sequence = node.as_sequence()) {
    return collection_text(*sequence);
  }
  return "<nil>";
}

std::string formatted_text(const doc::Node& node) {
  std::vector<std::string> parts;
  if (node.as_string() != nullptr) {
    return plain_text(node);
  }
  const auto inner = [](const doc::Node& item) {
    return item.is_null() ? std::string("<nil>") : formatted_text(item);
  };
  if (const doc::Sequence* sequence = node.as_sequence()) {
    for (const doc::Node& item : sequence->items) {
      parts.push_back(inner(item));
    }
    return "[" + util::join(parts, " ") + "]";
  }
  if (const doc::Mapping* mapping = node.as_mapping()) {
    for (const doc::Entry& entry : mapping->entries) {
      parts.push_back(entry.key.value + ":" + inner(entry.value));
    }
    std::sort(parts.begin(), parts.end());
    return "map[" + util::join(parts, " ") + "]";
  }
  return node.is_null() ? "%!s(<nil>)"
                        : "%!s(" + std::string(type_name(node)) + "=" + plain_text(node) + ")";
}

std::string_view type_name(const doc::Node& node) {
  if (node.as_string() != nullptr) {
    return node.tag == doc::kTimestampTag ? "time.Time" : "string";
  }
  if (node.as_bool() != nullptr) {
    return "bool";
  }
  if (node.as_int() != nullptr) {
    return "int";
  }
  if (node.as_double() != nullptr) {
    return doc::unsigned_digits(node).empty() ? "float64" : "uint64";
  }
  if (node.as_mapping() != nullptr) {
    return "map[string]interface {}";
  }
  return node.as_sequence() != nullptr ? "[]interface {}" : "<nil>";
}

std::string_view kind_name(const doc::Node& node) {
  return node.as_sequence() != nullptr ? "slice" : type_name(node);
}

std::string quoted(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\v': out += "\\v"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
          out += "\\x";
          out += kHex[static_cast<unsigned char>(c) >> 4U];
          out += kHex[static_cast<unsigned char>(c) & 15U];
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

util::Result<std::int64_t, std::string> read_int(std::string_view text, std::string_view function) {
  std::string_view digits = text;
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) {
      return util::unexpected(parse_error(function, text, false));
    }
  }
  std::int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, value);
  if (digits.empty() || at != end || error == std::errc::invalid_argument) {
    return util::unexpected(parse_error(function, text, false));
  }
  if (error == std::errc::result_out_of_range) {
    return util::unexpected(parse_error(function, text, true));
  }
  return value;
}

util::Result<double, std::string> read_float(std::string_view text, bool single) {
  const std::optional<double> value = doc::parse_double(text);
  if (!value) {
    return util::unexpected(parse_error("ParseFloat", text, is_beyond_doubles(text)));
  }
  if (single && std::isfinite(*value) &&
      std::abs(*value) > static_cast<double>(std::numeric_limits<float>::max())) {
    return util::unexpected(parse_error("ParseFloat", text, true));
  }
  return single ? as_float32(*value) : *value;
}

util::Result<bool, std::string> read_bool(std::string_view text) {
  static constexpr std::string_view kTrue[] = {"1", "t", "T", "TRUE", "true", "True"};
  static constexpr std::string_view kFalse[] = {"0", "f", "F", "FALSE", "false", "False"};
  if (std::find(std::begin(kTrue), std::end(kTrue), text) != std::end(kTrue)) {
    return true;
  }
  if (std::find(std::begin(kFalse), std::end(kFalse), text) != std::end(kFalse)) {
    return false;
  }
  return util::unexpected(parse_error("ParseBool", text, false));
}

double as_float32(double value) {
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, static_cast<float>(value));
  return doc::parse_double({buffer, static_cast<std::size_t>(written.ptr - buffer)})
      .value_or(value);
}

}  // namespace compose
