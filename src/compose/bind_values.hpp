#pragma once

#include <string_view>

#include "compose/bind_place.hpp"
#include "compose/rules.hpp"
#include "doc/node.hpp"

// How a value that is no record becomes its typed form, in place. Each returns false after a
// report. Null values do not come here.
namespace compose {

// Scalars.
bool bind_string(doc::Node& node, BindPlace& at);
bool bind_boolean(doc::Node& node, BindPlace& at);
bool bind_integer(doc::Node& node, BindPlace& at, Cast kind, std::string_view name);
bool bind_unsigned_integer(doc::Node& node, BindPlace& at, std::string_view name);
bool bind_float32(doc::Node& node, BindPlace& at);
bool bind_cpus(doc::Node& node, BindPlace& at);
bool bind_bytes(doc::Node& node, BindPlace& at);
bool bind_duration(doc::Node& node, BindPlace& at);
bool bind_file_mode(doc::Node& node, BindPlace& at);
bool bind_device_count(doc::Node& node, BindPlace& at);

// Lists.
bool bind_not_a_list(const doc::Node& node, BindPlace& at);  // the report alone
bool bind_texts(doc::Node& node, BindPlace& at);
// One text is a list of one. With `numbers`, any scalar is an item.
bool bind_string_list(doc::Node& node, BindPlace& at, bool numbers);
bool bind_command(doc::Node& node, BindPlace& at);
bool bind_health_test(doc::Node& node, BindPlace& at);
bool bind_hosts(doc::Node& node, BindPlace& at);
bool bind_ssh(doc::Node& node, BindPlace& at);

// Mappings, sorted by key.
// environment, labels and the like: k=v items or a mapping. Without a value: null for variables,
// else "".
bool bind_pairs(doc::Node& node, BindPlace& at, std::string_view what, bool variables);
bool bind_options(doc::Node& node, BindPlace& at);
bool bind_multi_options(doc::Node& node, BindPlace& at);
// Only texts and whole numbers are values here.
bool bind_text_map(doc::Node& node, BindPlace& at);
// One number, unless it is zero or there are two: then soft and hard.
bool bind_ulimits(doc::Node& node, BindPlace& at);

}  // namespace compose
