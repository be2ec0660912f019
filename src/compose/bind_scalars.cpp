#include <charconv>
#include <string>
#include <utility>

#include "compose/bind_values.hpp"
#include "compose/cast.hpp"
#include "compose/go_text.hpp"
#include "compose/units.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

// Converts texts as `cast` says; false after a report, or when the text was no text.
bool cast_scalar(doc::Node& node, BindPlace& at, Cast cast) {
  const std::string* text = node.as_string();
  if (text == nullptr || !node.tag.empty()) {
    return true;
  }
  util::Result<doc::Node::Value, std::string> value =
      cast_text(*text, cast, node.span, at.problems());
  if (!value) {
    return at.fail(node, value.error());
  }
  node.value = std::move(*value);
  return true;
}

}  // namespace

bool bind_string(doc::Node& node, BindPlace& at) {
  if (node.as_string() != nullptr && node.tag.empty()) {
    return true;
  }
  if (node.as_int() != nullptr) {
    set_text(node, plain_text(node));
    return true;
  }
  return at.unconvertible(node, "string");
}

bool bind_boolean(doc::Node& node, BindPlace& at) {
  return cast_scalar(node, at, Cast::boolean) &&
         (node.as_bool() != nullptr || at.unconvertible(node, "bool"));
}

bool bind_integer(doc::Node& node, BindPlace& at, Cast kind, std::string_view name) {
  if (!cast_scalar(node, at, kind)) {
    return false;
  }
  if (const double* number = node.as_double()) {
    node.value = static_cast<std::int64_t>(*number);
    node.tag.clear();
  }
  return node.as_int() != nullptr || at.unconvertible(node, name);
}

bool bind_unsigned_integer(doc::Node& node, BindPlace& at, std::string_view name) {
  if (const std::int64_t* number = node.as_int(); number != nullptr && *number < 0) {
    return at.fail(node,
                   "cannot parse value as '" + std::string(name) + "': " + std::to_string(*number) +
                       " overflows uint");
  }
  if (const double* number = node.as_double(); number != nullptr && *number >= 0) {
    node.value = static_cast<std::int64_t>(*number);
    node.tag.clear();
  }
  if (std::int64_t* number =
          node.as_int() != nullptr ? std::get_if<std::int64_t>(&node.value) : nullptr) {
    if (name == "uint32") {
      *number = static_cast<std::int64_t>(static_cast<std::uint32_t>(*number));
    } else if (name == "uint16") {
      *number = static_cast<std::int64_t>(static_cast<std::uint16_t>(*number));
    }
    return true;
  }
  return at.unconvertible(node, name);
}

bool bind_float32(doc::Node& node, BindPlace& at) {
  if (!cast_scalar(node, at, Cast::number32)) {
    return false;
  }
  if (const std::int64_t* number = node.as_int()) {
    node.value = as_float32(static_cast<double>(*number));
  } else if (const double* real = node.as_double()) {
    node.value = as_float32(*real);
    node.tag.clear();
  } else {
    return at.unconvertible(node, "float32");
  }
  return true;
}

bool bind_cpus(doc::Node& node, BindPlace& at) {
  if (node.as_string() != nullptr) {
    const util::Result<double, std::string> number = read_float(*node.as_string());
    if (!number) {
      return at.fail(node, number.error());
    }
    node.value = as_float32(*number);
    return true;
  }
  if (node.as_int() == nullptr && node.as_double() == nullptr) {
    return at.fail(node, "unexpected value type " + std::string(type_name(node)) + " for cpus");
  }
  return bind_float32(node, at);
}

bool bind_bytes(doc::Node& node, BindPlace& at) {
  std::int64_t size = 0;
  if (const std::int64_t* number = node.as_int()) {
    size = *number;
  } else if (const std::string* text = node.as_string()) {
    const util::Result<std::int64_t, std::string> parsed = parse_bytes(*text);
    if (!parsed) {
      return at.fail(node, parsed.error());
    }
    size = *parsed;
  }
  set_text(node, std::to_string(size));
  return true;
}

bool bind_duration(doc::Node& node, BindPlace& at) {
  const util::Result<std::int64_t, std::string> parsed = parse_duration(plain_text(node));
  if (!parsed) {
    return at.fail(node, parsed.error());
  }
  set_text(node, duration_text(*parsed));
  return true;
}

bool bind_file_mode(doc::Node& node, BindPlace& at) {
  std::int64_t mode = 0;
  if (const std::int64_t* number = node.as_int()) {
    mode = *number;
  } else if (const std::string* text = node.as_string()) {
    const char* end = text->data() + text->size();
    const auto [stop, error] = std::from_chars(text->data(), end, mode, 8);
    if (text->empty() || stop != end || error != std::errc{}) {
      return at.fail(node, "strconv.ParseInt: parsing " + quoted(*text) + ": invalid syntax");
    }
  } else {
    return at.fail(node, "unexpected value type " + std::string(type_name(node)) + " for mode");
  }
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, mode, 8);
  set_text(node, "0" + std::string(buffer, written.ptr));
  return true;
}

bool bind_device_count(doc::Node& node, BindPlace& at) {
  if (node.as_int() != nullptr) {
    return true;
  }
  const std::string* text = node.as_string();
  if (text == nullptr) {
    return at.fail(node, "invalid type " + std::string(type_name(node)) + " for device count");
  }
  if (util::to_lower(*text) == "all") {
    node.value = std::int64_t{-1};
    return true;
  }
  const util::Result<std::int64_t, std::string> count = read_int(*text);
  if (!count) {
    return at.fail(
        node, "invalid value " + quoted(*text) + ", the only value allowed is 'all' or a number");
  }
  node.value = *count;
  return true;
}

}  // namespace compose
