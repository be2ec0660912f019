#pragma once

#include <optional>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace util {

// ASCII only; locale never matters.
std::string to_lower(std::string_view text);
std::string to_upper(std::string_view text);
bool iequals(std::string_view a, std::string_view b);
std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);
bool is_alnum(char c);
bool is_digit(char c);

// The whole text as a decimal number; nothing when it is anything else or out of range.
std::optional<std::int64_t> parse_int(std::string_view text);

// The candidate nearest to `word` by edit distance, when near enough to be a slip of the pen ("did you mean").
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace util
