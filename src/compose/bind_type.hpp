#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

// The types of a project, read from bind_table().
namespace compose {

enum class BindKind : std::uint8_t {
  string,
  bool_,
  int_,
  int64,
  uint,
  uint16,
  uint32,
  float32,
  bytes,
  duration,
  texts,
  string_list,
  number_list,
  command,
  mapping,
  labels,
  variables,
  options,
  multi_options,
  text_map,
  hosts,
  ssh,
  file_mode,
  ulimits,
  device_count,
  cpus,
  health_test,
  opt_out,
  record,
  list,
  map,
};

struct BindType;

struct BindMember {
  std::string_view name;
  const BindType* type = nullptr;
  bool always = false;     // printed also when empty
  bool pointer = false;    // absent and empty are different
  std::string_view shown;  // in messages, and in JSON
};

struct BindType {
  BindKind kind = BindKind::string;
  std::vector<BindMember> members;                                // of a record, in print order
  std::vector<std::pair<std::string_view, std::size_t>> by_name;  // sorted
  bool extensions = false;
  const BindType* element = nullptr;  // of a list or map
  bool null_elements = false;
  const BindType* same_as = nullptr;
};

// Of the whole document.
const BindType& project_type();
// Null when the record has no such member.
const BindType* member_type(const BindType& record, std::string_view name);

}  // namespace compose
