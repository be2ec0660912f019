#include <algorithm>
#include <charconv>

#include "cloudformation/check_parts.hpp"
#include "cloudformation/evaluate.hpp"
#include "cloudformation/intrinsics.hpp"
#include "cloudformation/specification.hpp"
#include "util/pattern.hpp"
#include "util/strings.hpp"

namespace cloudformation {
namespace {

// "A|B|C" holds `word`.
bool names_one_of(std::string_view alternatives, std::string_view word) {
  while (true) {
    const std::size_t bar = alternatives.find('|');
    if (alternatives.substr(0, bar) == word) {
      return true;
    }
    if (bar == std::string_view::npos) {
      return false;
    }
    alternatives.remove_prefix(bar + 1);
  }
}

std::string guess_among(std::string_view word, const std::vector<std::string>& candidates) {
  const auto guess = util::nearest(word, candidates);
  return guess ? "did you mean `" + *guess + "`?" : std::string{};
}

std::string_view kind_word(ValueKind kind) {
  switch (kind) {
    case ValueKind::string: return "a string";
    case ValueKind::integer: return "an integer";
    case ValueKind::number: return "a number";
    case ValueKind::boolean: return "true or false";
    case ValueKind::list: return "a list";
    case ValueKind::map:
    case ValueKind::structure: return "a mapping";
    case ValueKind::json: break;
  }
  return "a document";
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Of one value: a property's own bounds, or those of its elements.
struct Bounds {
  std::optional<std::int64_t> min;
  std::optional<std::int64_t> max;
  std::string_view enums;
  std::string_view pattern;
  std::string_view pattern_text;
};

class PropertyCheck {
 public:
  PropertyCheck(CheckedTemplate& t, const Resource& resource, const TypeSpecification& type)
      : t_(t), resource_(resource), type_(type) {}

  void structure(const StructureSpecification& wanted,
                 const doc::Node& value,
                 const std::string& path) {
    const doc::Mapping* members = value.as_mapping();
    for (const doc::Entry& entry : members->entries) {
      const PropertySpecification* found = wanted.find(entry.key.value);
      if (found == nullptr) {
        report_unknown(wanted, entry, path);
      } else {
        property_value(*found, entry.value, path + "." + entry.key.value);
      }
    }
    for (const PropertySpecification& candidate : wanted.properties) {
      if (candidate.required && !has(*members, candidate.name)) {
        report(path, value, "`" + std::string(candidate.name) + "` is missing");
      }
    }
    groups(wanted, *members, value, path);
  }

 private:
  static bool has(const doc::Mapping& members, std::string_view name) {
    return std::ranges::any_of(members.entries,
                               [&](const doc::Entry& e) { return e.key.value == name; });
  }

  static std::string list_of(const std::vector<std::string_view>& names) {
    std::string out;
    for (const std::string_view name : names) {
      out += (out.empty() ? "`" : ", `") + std::string(name) + "`";
    }
    return out;
  }

  void groups(const StructureSpecification& wanted,
              const doc::Mapping& members,
              const doc::Node& value,
              const std::string& path) {
    const auto count = [&](const std::vector<std::string_view>& names) {
      return std::ranges::count_if(names, [&](std::string_view n) { return has(members, n); });
    };
    for (const auto& names : wanted.exactly_one) {
      if (count(names) != 1) {
        report(path, value, "exactly one of " + list_of(names) + " must be there");
      }
    }
    for (const auto& names : wanted.at_least_one) {
      if (count(names) == 0) {
        report(path, value, "one of " + list_of(names) + " must be there");
      }
    }
  }

  void report_unknown(const StructureSpecification& wanted,
                      const doc::Entry& entry,
                      const std::string& path) {
    std::vector<std::string> names;
    for (const PropertySpecification& candidate : wanted.properties) {
      names.emplace_back(candidate.name);
    }
    const bool placed = entry.key.span.file.value != 0;
    t_.add({resource_.id.str(),
            path + "." + entry.key.value,
            std::string(type_.type) + " has no property of this name here",
            guess_among(entry.key.value, names),
            placed ? entry.key.span : resource_.span,
            Finding::Kind::schema});
  }

  void property_value(const PropertySpecification& wanted,
                      const doc::Node& value,
                      const std::string& path) {
    const Bounds own{wanted.min, wanted.max, wanted.enums, wanted.pattern, wanted.pattern_text};
    if (wanted.type.kind != ValueKind::list && wanted.type.kind != ValueKind::map) {
      typed(wanted.type, own, {}, value, path);
      return;
    }
    const Bounds each{
        wanted.element_min, wanted.element_max, wanted.enums, wanted.pattern, wanted.pattern_text};
    typed(wanted.type, {wanted.min, wanted.max, {}, {}, {}}, each, value, path);
  }

  void typed(const ValueType& type,
             const Bounds& bounds,
             const Bounds& each,
             const doc::Node& value,
             const std::string& path) {
    if (const auto call = as_call(value)) {
      branches(type, bounds, each, *call, path);
      return;
    }
    switch (type.kind) {
      case ValueKind::json: return;
      case ValueKind::structure: {
        const auto found = type_.structures.find(type.structure);
        if (value.as_mapping() == nullptr) {
          wrong_kind(type.kind, value, path);
        } else if (found != type_.structures.end()) {
          structure(found->second, value, path);
        }
        return;
      }
      case ValueKind::list: list(type, bounds, each, value, path); return;
      case ValueKind::map: map(type, each, value, path); return;
      case ValueKind::string:
      case ValueKind::integer:
      case ValueKind::number:
      case ValueKind::boolean: scalar(type.kind, bounds, value, path); return;
    }
  }

  // Fn::If: both of its values are seen; what other functions yield is not known here.
  void branches(const ValueType& type,
                const Bounds& bounds,
                const Bounds& each,
                const Call& call,
                const std::string& path) {
    const std::vector<doc::Node>& arguments = items_of(call.argument);
    if (call.function == "Fn::If" && arguments.size() == 3) {
      typed(type, bounds, each, arguments[1], path);
      typed(type, bounds, each, arguments[2], path);
    }
  }

  void list(const ValueType& type,
            const Bounds& bounds,
            const Bounds& each,
            const doc::Node& value,
            const std::string& path) {
    const doc::Sequence* items = value.as_sequence();
    if (items == nullptr) {
      wrong_kind(ValueKind::list, value, path);
      return;
    }
    size_within(bounds, static_cast<std::int64_t>(items->items.size()), "items", value, path);
    const ValueType& element = type_.elements[static_cast<std::size_t>(type.element)];
    std::size_t index = 0;
    for (const doc::Node& item : items->items) {
      typed(element, each, each, item, path + "[" + std::to_string(index++) + "]");
    }
  }

  void map(const ValueType& type,
           const Bounds& each,
           const doc::Node& value,
           const std::string& path) {
    const doc::Mapping* entries = value.as_mapping();
    if (entries == nullptr) {
      wrong_kind(ValueKind::map, value, path);
      return;
    }
    const ValueType& element = type_.elements[static_cast<std::size_t>(type.element)];
    for (const doc::Entry& entry : entries->entries) {
      typed(element, each, each, entry.value, path + "." + entry.key.value);
    }
  }

  void scalar(ValueKind kind,
              const Bounds& bounds,
              const doc::Node& value,
              const std::string& path) {
    const auto text = scalar_text(value);
    if (!text || !is_of(kind, *text)) {
      wrong_kind(kind, value, path);
      return;
    }
    if (has_dynamic(value)) {
      return;
    }
    if (!bounds.enums.empty() && !names_one_of(bounds.enums, *text)) {
      const std::vector<std::string> words = util::split(bounds.enums, '|');
      std::string help = guess_among(*text, words);
      report(
          path, value, "`" + *text + "` is not one of " + util::join(words, ", "), std::move(help));
      return;
    }
    if (kind == ValueKind::string) {
      size_within(bounds, static_cast<std::int64_t>(characters(*text)), "characters", value, path);
      const util::Pattern* pattern =
          bounds.pattern.empty() ? nullptr : util::known_pattern(bounds.pattern);
      if (pattern != nullptr && !pattern->matches(*text)) {
        report(path, value, "`" + *text + "` does not match " + std::string(bounds.pattern_text));
      }
    } else if (const auto number = util::parse_int(*text)) {
      size_within(bounds, *number, "", value, path);
    }
  }

  static bool is_of(ValueKind kind, const std::string& text) {
    if (kind == ValueKind::integer) {
      return util::parse_int(text).has_value();
    }
    if (kind == ValueKind::boolean) {
      return text == "true" || text == "false";
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return kind == ValueKind::string || (error == std::errc{} && end == text.data() + text.size());
  }

  void size_within(const Bounds& bounds,
                   std::int64_t size,
                   std::string_view unit,
                   const doc::Node& value,
                   const std::string& path) {
    const std::string suffix = unit.empty() ? std::string{} : " " + std::string(unit);
    if (bounds.min && size < *bounds.min) {
      report(path,
             value,
             std::to_string(size) + suffix + ": the least is " + std::to_string(*bounds.min));
    } else if (bounds.max && size > *bounds.max) {
      report(path,
             value,
             std::to_string(size) + suffix + ": the most is " + std::to_string(*bounds.max));
    }
  }

  void wrong_kind(ValueKind wanted, const doc::Node& value, const std::string& path) {
    report(path, value, "must be " + std::string(kind_word(wanted)));
  }

  void report(const std::string& path,
              const doc::Node& value,
              std::string message,
              std::string help = {}) {
    t_.add(resource_, path, std::move(message), &value, std::move(help), Finding::Kind::schema);
  }

  CheckedTemplate& t_;
  const Resource& resource_;
  const TypeSpecification& type_;
};

void check_attributes(CheckedTemplate& t, const Resource& resource) {
  for (const Reference& reference : references(resource.properties)) {
    const Resource* target = reference.attribute.empty() ? nullptr : t.find(reference.target);
    const TypeSpecification* type = target == nullptr ? nullptr : find_specification(target->type);
    const bool stack_output = target != nullptr && target->type == "AWS::CloudFormation::Stack" &&
                              reference.attribute.starts_with("Outputs.");
    if (type != nullptr && !stack_output && !type->yields(reference.attribute)) {
      t.add(resource,
            "Properties",
            target->type + " `" + reference.target + "` has no attribute `" + reference.attribute +
                "`");
    }
  }
}

}  // namespace

void check_properties(CheckedTemplate& t) {
  static const doc::Node no_properties{doc::Mapping{}};
  for (const Resource& resource : t.document().resources) {
    check_attributes(t, resource);
    const TypeSpecification* type = find_specification(resource.type);
    if (type == nullptr) {
      continue;
    }
    const doc::Node& properties =
        resource.properties.is_null() ? no_properties : resource.properties;
    if (properties.as_mapping() == nullptr) {
      t.add(resource, "Properties", "must be a mapping", &properties);
      continue;
    }
    PropertyCheck(t, resource, *type).structure(type->properties, properties, "Properties");
  }
}

}  // namespace cloudformation
