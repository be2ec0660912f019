#include "awsapi/validate.hpp"

#include <algorithm>
#include <utility>

#include "awsapi/time_text.hpp"
#include "doc/json_writer.hpp"
#include "util/pattern.hpp"
#include "util/strings.hpp"

namespace awsapi {
namespace {

constexpr std::size_t kMaxShownValue = 1'024;

std::size_t characters_in(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

// "StackName" -> "stackName", as AWS names members in these messages.
std::string lower_first(std::string_view name) {
  std::string out(name);
  if (!out.empty()) {
    out[0] = util::to_lower(out.substr(0, 1))[0];
  }
  return out;
}

std::string shown(const Type& type, const doc::Node& value) {
  if (value.is_null()) {
    return "null";
  }
  std::string text;
  if (const doc::Sequence* items = value.as_sequence()) {
    std::vector<std::string> parts;
    for (const doc::Node& item : items->items) {
      parts.push_back(item.as_string() != nullptr ? *item.as_string() : doc::to_json(item));
    }
    text = "[" + util::join(parts, ", ") + "]";
  } else if (type.kind == Kind::timestamp && value.as_int() != nullptr) {
    text = to_iso8601(*value.as_int());
  } else {
    text = value.as_string() != nullptr ? *value.as_string() : doc::to_json(value);
  }
  if (text.size() > kMaxShownValue) {
    text = text.substr(0, kMaxShownValue) + "...";
  }
  return "'" + text + "'";
}

bool is_one_of(std::string_view value, std::string_view alternatives) {
  const std::vector<std::string> words = util::split(alternatives, '|');
  return std::find(words.begin(), words.end(), value) != words.end();
}

// The limits of one value: a member's own, or those of a list's elements and a map's values.
struct Limits {
  std::int64_t min = -1;
  std::int64_t max = -1;
  std::string_view enums;
  std::string_view pattern;
  bool sensitive = false;
};

enum class Rule : std::uint8_t { required, length, range, set, pattern };

struct Violation {
  Rule rule = Rule::required;
  std::string path;       // "tags.1.member.key"
  std::string wire_path;  // "Tags.1.Key": what ec2 says
  std::string value;
  std::string constraint;  // "Member must not be null"
};

class Validator {
 public:
  void structure(const Shape& shape,
                 const doc::Node& value,
                 const std::string& path,
                 const std::string& wire_path) {
    for (const Member& member : shape.members) {
      const doc::Node* node = value.find(member.name);
      const std::string name =
          path.empty() ? lower_first(member.name) : path + "." + lower_first(member.name);
      const std::string wire =
          wire_path.empty() ? std::string(member.name) : wire_path + "." + std::string(member.name);
      if (node == nullptr || node->is_null()) {
        if (member.required) {
          add(Rule::required, name, wire, "null", "Member must not be null");
        }
        continue;
      }
      check_member(member, *node, name, wire);
    }
  }

  std::vector<Violation> take() { return std::move(found_); }

 private:
  void check_member(const Member& member,
                    const doc::Node& node,
                    const std::string& path,
                    const std::string& wire) {
    const Kind kind = member.type->kind;
    if (kind != Kind::list && kind != Kind::map) {
      check(*member.type,
            node,
            {member.min, member.max, member.enums, member.pattern, member.sensitive},
            path,
            wire);
      return;
    }
    check(*member.type, node, {member.min, member.max, {}, {}, member.sensitive}, path, wire);
    const Limits each{
        member.element_min, member.element_max, member.enums, member.pattern, member.sensitive};
    elements(*member.type, node, each, path, wire);
  }

  void elements(const Type& type,
                const doc::Node& node,
                const Limits& each,
                const std::string& path,
                const std::string& wire) {
    if (const doc::Sequence* items = node.as_sequence()) {
      std::size_t index = 0;
      for (const doc::Node& item : items->items) {
        const std::string number = std::to_string(++index);
        element(*type.element, item, each, path + "." + number + ".member", wire + "." + number);
      }
    } else if (const doc::Mapping* entries = node.as_mapping()) {
      for (const doc::Entry& entry : entries->entries) {
        element(*type.element,
                entry.value,
                each,
                path + "." + entry.key.value + ".member",
                wire + "." + entry.key.value);
      }
    }
  }

  void element(const Type& type,
               const doc::Node& node,
               const Limits& each,
               const std::string& path,
               const std::string& wire) {
    if (node.is_null()) {
      add(Rule::required, path, wire, "null", "Member must not be null");
      return;
    }
    check(type, node, each, path, wire);
    if (type.kind == Kind::list || type.kind == Kind::map) {
      elements(type, node, each, path, wire);
    }
  }

  void check(const Type& type,
             const doc::Node& node,
             const Limits& limits,
             const std::string& path,
             const std::string& wire) {
    if (type.kind == Kind::structure) {
      structure(type.shape(), node, path, wire);
      return;
    }
    const std::string value = limits.sensitive ? std::string{} : shown(type, node);
    check_size(type, node, limits, {Rule::length, path, wire, value, {}});
    const std::string* text = type.kind == Kind::string ? node.as_string() : nullptr;
    if (text == nullptr) {
      return;
    }
    if (!limits.pattern.empty()) {
      const util::Pattern* pattern = util::known_pattern(limits.pattern);
      if (pattern != nullptr && !pattern->matches(*text)) {
        add(Rule::pattern,
            path,
            wire,
            value,
            "Member must satisfy regular expression pattern: " + std::string(limits.pattern));
      }
    }
    if (!limits.enums.empty() && !is_one_of(*text, limits.enums)) {
      add(Rule::set,
          path,
          wire,
          value,
          "Member must satisfy enum value set: [" + util::replace_all(limits.enums, "|", ", ") +
              "]");
    }
  }

  void check_size(const Type& type,
                  const doc::Node& node,
                  const Limits& limits,
                  Violation violation) {
    if (limits.min < 0 && limits.max < 0) {
      return;
    }
    std::int64_t size = 0;
    if (const std::string* text = node.as_string()) {
      size =
          static_cast<std::int64_t>(type.kind == Kind::blob ? text->size() : characters_in(*text));
    } else if (const doc::Sequence* items = node.as_sequence()) {
      size = static_cast<std::int64_t>(items->items.size());
    } else if (const doc::Mapping* entries = node.as_mapping()) {
      size = static_cast<std::int64_t>(entries->entries.size());
    } else if (type.kind == Kind::integer && node.as_int() != nullptr) {
      size = *node.as_int();
      violation.rule = Rule::range;
    } else {
      return;
    }
    const std::string what = violation.rule == Rule::range ? "value" : "length";
    if (limits.min >= 0 && size < limits.min) {
      violation.constraint =
          "Member must have " + what + " greater than or equal to " + std::to_string(limits.min);
      found_.push_back(violation);
    }
    if (limits.max >= 0 && size > limits.max) {
      violation.constraint =
          "Member must have " + what + " less than or equal to " + std::to_string(limits.max);
      found_.push_back(violation);
    }
  }

  void add(Rule rule,
           std::string path,
           std::string wire,
           std::string value,
           std::string constraint) {
    found_.push_back(
        {rule, std::move(path), std::move(wire), std::move(value), std::move(constraint)});
  }

  std::vector<Violation> found_;
};

std::string sentence(const Violation& v) {
  const std::string value = v.value.empty() ? "Value" : "Value " + v.value;
  return value + " at '" + v.path + "' failed to satisfy constraint: " + v.constraint;
}

// ec2 has its own front end, which reports the first problem only.
WireError ec2_error(const Violation& v) {
  if (v.rule == Rule::required) {
    return {"MissingParameter", "The request must contain the parameter " + v.wire_path, 400, {}};
  }
  const std::string value = v.value.size() >= 2 ? v.value.substr(1, v.value.size() - 2) : v.value;
  return {"InvalidParameterValue",
          "Value (" + value + ") for parameter " + v.wire_path + " is invalid. " + v.constraint,
          400,
          {}};
}

std::string_view validation_code(const Service& service) {
  if (service.protocol == Protocol::query) {
    return "ValidationError";
  }
  if (service.name == "ecs" || service.name == "logs") {
    return "InvalidParameterException";
  }
  return service.name == "servicediscovery" ? "InvalidInput" : "ValidationException";
}

std::vector<Violation> find_violations(const Shape& shape, const doc::Node& input) {
  Validator validator;
  validator.structure(shape, input, "", "");
  return validator.take();
}

}  // namespace

std::vector<std::string> violations(const Shape& shape, const doc::Node& input) {
  std::vector<std::string> out;
  for (const Violation& v : find_violations(shape, input)) {
    out.push_back(sentence(v));
  }
  return out;
}

std::optional<WireError> validate(const Operation& operation, const doc::Node& input) {
  const Service& service = operation.service();
  const std::vector<Violation> found = find_violations(*operation.input, input);
  if (found.empty()) {
    return std::nullopt;
  }
  if (service.protocol == Protocol::ec2) {
    return ec2_error(found.front());
  }
  std::vector<std::string> sentences;
  std::transform(found.begin(), found.end(), std::back_inserter(sentences), sentence);
  const std::string count = found.size() == 1
                                ? "1 validation error detected: "
                                : std::to_string(found.size()) + " validation errors detected: ";
  return WireError{
      std::string(validation_code(service)), count + util::join(sentences, "; "), 400, {}};
}

}  // namespace awsapi
