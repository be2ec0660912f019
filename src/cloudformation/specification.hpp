#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cloudformation {

// What CloudFormation accepts for a resource type: generated from AWS's registry schemas, for the
// types that a converted project or its overlay may hold. All views are of literals.

enum class ValueKind : std::uint8_t {
  string,
  integer,
  number,
  boolean,
  json,
  list,
  map,
  structure
};

struct ValueType {
  ValueKind kind = ValueKind::json;
  std::string_view structure;  // of a structure: its name
  int element = -1;            // of a list or map: index into TypeSpecification::elements
};

struct PropertySpecification {
  std::string_view name;
  ValueType type;
  bool required = false;
  std::optional<std::int64_t> min;  // length of strings and lists, value of numbers
  std::optional<std::int64_t> max;
  std::optional<std::int64_t> element_min;
  std::optional<std::int64_t> element_max;
  std::string_view enums;         // "A|B"; of each element when a list or a map
  std::string_view pattern_text;  // the same; found anywhere in the text
  std::string pattern;            // the same for a whole text: see util::known_pattern
};

struct StructureSpecification {
  std::vector<PropertySpecification> properties;  // sorted by name
  std::vector<std::vector<std::string_view>> exactly_one;
  std::vector<std::vector<std::string_view>> at_least_one;

  [[nodiscard]] const PropertySpecification* find(std::string_view name) const;
};

struct TypeSpecification {
  std::string_view type;
  StructureSpecification properties;
  std::map<std::string_view, StructureSpecification> structures;
  std::vector<ValueType> elements;
  std::vector<std::string_view> attributes;  // that only the resource itself yields

  // Fn::GetAtt of `attribute`: one of `attributes` ("*" stands for a number), or a property.
  [[nodiscard]] bool yields(std::string_view attribute) const;
};

// Null for a type that the description does not have. Safe from any thread; the first call for a
// type reads its description.
const TypeSpecification* find_specification(std::string_view type);

std::vector<std::string_view> specified_types();

}  // namespace cloudformation
