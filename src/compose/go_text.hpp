#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "doc/node.hpp"
#include "util/result.hpp"

// How the reference implementation prints and reads small values, where users see or write them.
namespace compose {

// The text of a string; null for anything else, also for a time, which only looks like one.
const std::string* text_of(const doc::Node& node);
// A scalar as text: 1e+06 for 1000000.0, "<nil>" for null, "map[a:1]" and "[a b]" for collections.
std::string plain_text(const doc::Node& node);
// What Go's %s makes of a value: a text as it is, but `%!s(int=5)`, `%!s(<nil>)`, `[a %!s(int=1)]`.
std::string formatted_text(const doc::Node& node);
// "string", "int", "float64", "bool", "map[string]interface {}", "[]interface {}", "<nil>",
// "time.Time".
std::string_view type_name(const doc::Node& node);
// Go's name of the kind of a value that is no mapping: "slice" for a list, else as type_name.
std::string_view kind_name(const doc::Node& node);
// A string in double quotes with its special characters escaped.
std::string quoted(std::string_view text);

// The error is the whole sentence: strconv.Atoi: parsing "x": invalid syntax
util::Result<std::int64_t, std::string> read_int(std::string_view text,
                                                 std::string_view function = "Atoi");
util::Result<double, std::string> read_float(std::string_view text, bool single = false);
util::Result<bool, std::string> read_bool(std::string_view text);

// The double that prints as the float32 nearest to `value` prints: 0.333333333 -> 0.33333334.
double as_float32(double value);

}  // namespace compose
