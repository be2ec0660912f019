#include <cmath>
#include <limits>

#include "awsapi/protocol_codecs.hpp"
#include "awsapi/time_text.hpp"
#include "doc/json_reader.hpp"
#include "doc/json_writer.hpp"
#include "util/hash.hpp"

namespace awsapi {
namespace {

constexpr std::int64_t kMillisInSecond = 1'000;

doc::Node to_json_value(const Type& type, const doc::Node& value);

doc::Node json_timestamp(const doc::Node& value) {
  const std::int64_t* millis = value.as_int();
  if (millis == nullptr) {
    return value;
  }
  // Whole seconds as an integer: 1.7e+09, the shortest double, is legal but surprises readers.
  return *millis % kMillisInSecond == 0
             ? doc::Node{*millis / kMillisInSecond}
             : doc::Node{static_cast<double>(*millis) / static_cast<double>(kMillisInSecond)};
}

doc::Node json_list(const Type& type, const doc::Node& value) {
  const doc::Sequence* items = value.as_sequence();
  if (items == nullptr) {
    return value;
  }
  doc::Sequence out;
  out.items.reserve(items->items.size());
  for (const doc::Node& item : items->items) {
    out.items.push_back(to_json_value(*type.element, item));
  }
  return doc::Node{std::move(out)};
}

doc::Node json_map(const Type& type, const doc::Node& value) {
  const doc::Mapping* entries = value.as_mapping();
  if (entries == nullptr) {
    return value;
  }
  doc::Mapping out;
  out.entries.reserve(entries->entries.size());
  for (const doc::Entry& entry : entries->entries) {
    out.entries.push_back({{entry.key.value, {}}, to_json_value(*type.element, entry.value)});
  }
  return doc::Node{std::move(out)};
}

doc::Node to_json_value(const Type& type, const doc::Node& value) {
  switch (type.kind) {
    case Kind::structure: return to_json_document(type.shape(), value);
    case Kind::list: return json_list(type, value);
    case Kind::map: return json_map(type, value);
    case Kind::timestamp: return json_timestamp(value);
    case Kind::blob:
      return value.as_string() == nullptr ? value : doc::Node{util::base64(*value.as_string())};
    case Kind::string:
    case Kind::integer:
    case Kind::real:
    case Kind::boolean: break;
  }
  return value;
}

// Reading. AWS's JSON services refuse a value of another kind with SerializationException and
// ignore unknown members.

using Read = util::Result<doc::Node, WireError>;

Read refuse(std::string message) {
  return util::unexpected(WireError{"SerializationException", std::move(message), 400, {}});
}

std::string_view token_name(const doc::Node& json) {
  if (json.as_string() != nullptr) {
    return "STRING_VALUE";
  }
  if (const bool* value = json.as_bool()) {
    return *value ? "TRUE_VALUE" : "FALSE_VALUE";
  }
  return json.as_double() != nullptr ? "DECIMAL_VALUE" : "NUMBER_VALUE";
}

Read wrong_kind(const doc::Node& json, std::string_view wanted) {
  if (json.as_mapping() != nullptr) {
    return refuse("Start of structure or map found where not expected.");
  }
  if (json.as_sequence() != nullptr) {
    return refuse("Start of list found where not expected");
  }
  return refuse(std::string(token_name(json)) + " can not be converted to " + std::string(wanted));
}

Read read_integer(const doc::Node& json) {
  if (json.as_int() != nullptr) {
    return doc::Node{*json.as_int()};
  }
  const double* real = json.as_double();
  constexpr double kLimit = 9.2e18;
  if (real == nullptr || !(std::abs(*real) < kLimit)) {
    return wrong_kind(json, "an Integer");
  }
  return doc::Node{static_cast<std::int64_t>(*real)};
}

Read read_real(const doc::Node& json) {
  if (json.as_int() != nullptr) {
    return doc::Node{static_cast<double>(*json.as_int())};
  }
  return json.as_double() != nullptr ? Read{doc::Node{*json.as_double()}}
                                     : wrong_kind(json, "a Double");
}

Read read_timestamp(const doc::Node& json) {
  if (const std::int64_t* seconds = json.as_int()) {
    constexpr std::int64_t kLimitSeconds =
        std::numeric_limits<std::int64_t>::max() / kMillisInSecond;
    if (*seconds > kLimitSeconds || *seconds < -kLimitSeconds) {
      return wrong_kind(json, "a Timestamp");
    }
    return doc::Node{*seconds * kMillisInSecond};
  }
  if (const double* seconds = json.as_double(); seconds != nullptr && std::abs(*seconds) < 1e12) {
    return doc::Node{std::int64_t{std::llround(*seconds * static_cast<double>(kMillisInSecond))}};
  }
  if (const std::string* text = json.as_string()) {
    if (const auto millis = parse_instant(*text)) {
      return doc::Node{*millis};
    }
  }
  return wrong_kind(json, "a Timestamp");
}

Read read_blob(const doc::Node& json) {
  const std::string* text = json.as_string();
  if (text == nullptr) {
    return wrong_kind(json, "a Blob");
  }
  auto bytes = util::from_base64(*text);
  return bytes ? Read{doc::Node{std::move(*bytes)}} : refuse("Unable to decode base64 value");
}

Read read_json_value(const Type& type, const doc::Node& json);

Read read_json_list(const Type& type, const doc::Node& json) {
  const doc::Sequence* items = json.as_sequence();
  if (items == nullptr) {
    return json.as_mapping() != nullptr ? wrong_kind(json, "a list")
                                        : refuse("Expected list or null");
  }
  doc::Sequence out;
  out.items.reserve(items->items.size());
  for (const doc::Node& item : items->items) {
    if (item.is_null()) {
      out.items.emplace_back();
      continue;
    }
    auto value = read_json_value(*type.element, item);
    if (!value) {
      return value;
    }
    out.items.push_back(std::move(*value));
  }
  return doc::Node{std::move(out)};
}

Read read_json_map(const Type& type, const doc::Node& json) {
  const doc::Mapping* entries = json.as_mapping();
  if (entries == nullptr) {
    return json.as_sequence() != nullptr ? wrong_kind(json, "a map")
                                         : refuse("Expected map or null");
  }
  doc::Mapping out;
  for (const doc::Entry& entry : entries->entries) {
    if (entry.value.is_null()) {
      continue;
    }
    auto value = read_json_value(*type.element, entry.value);
    if (!value) {
      return value;
    }
    out.entries.push_back({{entry.key.value, {}}, std::move(*value)});
  }
  return doc::Node{std::move(out)};
}

Read read_json_value(const Type& type, const doc::Node& json) {
  switch (type.kind) {
    case Kind::structure: return from_json_document(type.shape(), json);
    case Kind::list: return read_json_list(type, json);
    case Kind::map: return read_json_map(type, json);
    case Kind::string:
      return json.as_string() != nullptr ? Read{doc::Node{*json.as_string()}}
                                         : wrong_kind(json, "a String");
    case Kind::integer: return read_integer(json);
    case Kind::real: return read_real(json);
    case Kind::boolean:
      return json.as_bool() != nullptr ? Read{doc::Node{*json.as_bool()}}
                                       : wrong_kind(json, "a Boolean");
    case Kind::timestamp: return read_timestamp(json);
    case Kind::blob: return read_blob(json);
  }
  return json;
}

std::string text_member(const doc::Node& json, std::string_view name) {
  const doc::Node* value = json.find(name);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string{} : *text;
}

}  // namespace

doc::Node to_json_document(const Shape& shape, const doc::Node& input) {
  doc::Mapping out;
  for (const Member& member : shape.members) {
    const doc::Node* value = input.find(member.name);
    if (value != nullptr && !value->is_null()) {
      out.entries.push_back({{std::string(member.wire), {}}, to_json_value(*member.type, *value)});
    }
  }
  return doc::Node{std::move(out)};
}

util::Result<doc::Node, WireError> from_json_document(const Shape& shape, const doc::Node& json) {
  if (json.as_mapping() == nullptr) {
    return json.as_sequence() != nullptr ? wrong_kind(json, "a structure")
                                         : refuse("Expected structure or null");
  }
  doc::Mapping out;
  for (const Member& member : shape.members) {
    const doc::Node* value = json.find(member.wire);
    if (value == nullptr || value->is_null()) {
      continue;
    }
    auto decoded = read_json_value(*member.type, *value);
    if (!decoded) {
      return decoded;
    }
    out.entries.push_back({{std::string(member.name), {}}, std::move(*decoded)});
  }
  return doc::Node{std::move(out)};
}

util::Result<doc::Node, WireError> read_json_body(const Shape& shape, std::string_view body) {
  if (body.empty()) {
    return doc::Node{doc::Mapping{}};
  }
  const auto json = doc::read_json(body);
  if (!json) {
    return refuse("could not read the JSON body at byte " + std::to_string(json.error().offset) +
                  ": " + json.error().message);
  }
  return from_json_document(shape, *json);
}

WireMessage encode_json_error(const WireError& error) {
  WireMessage out;
  out.status = error.http_status;
  out.headers = {{"Content-Type", "application/x-amz-json-1.1"}, {"x-amzn-ErrorType", error.code}};
  out.body = doc::to_json(
      doc::map({{"__type", doc::Node{error.code}}, {"message", doc::Node{error.message}}}));
  return out;
}

std::optional<WireError> read_json_error(std::string_view body) {
  const auto json = doc::read_json(body);
  if (!json || json->as_mapping() == nullptr) {
    return std::nullopt;
  }
  WireError error;
  for (const std::string_view name : {"__type", "code", "Code"}) {
    error.code = error.code.empty() ? text_member(*json, name) : error.code;
  }
  for (const std::string_view name : {"message", "Message", "errorMessage"}) {
    error.message = error.message.empty() ? text_member(*json, name) : error.message;
  }
  return error;
}

}  // namespace awsapi
