#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "doc/node.hpp"

// The specification's schema, read from schema_table(), and what matches it.
namespace compose {

// The kinds of values that a schema allows.
enum TypeBit : unsigned {
  kNull = 1U,
  kBoolean = 2U,
  kInteger = 4U,
  kNumber = 8U,
  kString = 16U,
  kArray = 32U,
  kObject = 64U,
};

inline constexpr std::pair<std::string_view, unsigned> kScalarTypes[] = {
    {"null", kNull},
    {"boolean", kBoolean},
    {"integer", kInteger},
    {"number", kNumber},
    {"string", kString},
};

enum class TextPattern : std::uint8_t { none, container_name, pull_policy };
enum class KeyForm : std::uint8_t { extension, name, any, lower };

struct Schema {
  unsigned types = 0;                                                  // 0: any
  std::vector<std::pair<std::string_view, const Schema*>> properties;  // sorted
  std::vector<std::pair<KeyForm, const Schema*>> patterns;
  std::vector<std::string_view> required;
  bool open = false;
  const Schema* items = nullptr;
  bool unique_items = false;
  std::vector<std::string_view> words;
  std::optional<double> minimum;
  std::optional<double> maximum;
  TextPattern pattern = TextPattern::none;
  std::vector<const Schema*> one_of;
  const Schema* same_as = nullptr;
};

// Of a whole document.
const Schema& document_schema();

bool matches(const doc::Node& node, const Schema& schema);

struct KeyMatch {
  bool known = false;
  const Schema* schema = nullptr;  // null: anything
};

KeyMatch match_key(const Schema& schema, std::string_view key);

// The bits of a value: a whole number is also a number.
unsigned type_of(const doc::Node& node);
double number_of(const doc::Node& node);
// The first item that equals an earlier one, as {earlier, later}.
std::optional<std::pair<std::size_t, std::size_t>> equal_items(const std::vector<doc::Node>& items);

}  // namespace compose
