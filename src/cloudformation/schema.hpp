#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "cloudformation/parse.hpp"
#include "cloudformation/template.hpp"
#include "util/result.hpp"

namespace cloudformation {

enum class Recreation : std::uint8_t { never, conditionally, always };

struct Property {
  std::string_view name;
  char kind;  // s string, i integer, b boolean, l list, o object, m map, j any document
  bool required = false;
  Recreation recreation = Recreation::never;
};

// What this program knows about a resource type: enough to refuse what cannot work and to foresee
// replacements.
struct ResourceSchema {
  std::string_view type;
  std::vector<Property> properties;
  std::vector<std::string_view> attributes;  // of Fn::GetAtt
  bool taggable = false;                     // has Tags

  [[nodiscard]] const Property* find(std::string_view property) const;
};

// Null for a type that the table does not have.
const ResourceSchema* find_schema(std::string_view type);
std::vector<std::string_view> known_types();

// Types, property names, required properties, kinds of literal values and attribute names of the
// whole template.
util::Result<void, TemplateError> check_types(const Template& t);

}  // namespace cloudformation
