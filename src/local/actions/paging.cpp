#include "local/actions/paging.hpp"

#include "util/hash.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

constexpr std::string_view kTokenPrefix = "page:";

}  // namespace

std::string page_token(std::size_t offset) {
  return util::base64(std::string(kTokenPrefix) + std::to_string(offset));
}

std::optional<std::size_t> parse_page_token(std::string_view token) {
  const auto text = util::from_base64(token);
  if (!text || !text->starts_with(kTokenPrefix)) {
    return std::nullopt;
  }
  const auto offset = util::parse_int(std::string_view(*text).substr(kTokenPrefix.size()));
  return offset && *offset >= 0 ? std::optional(static_cast<std::size_t>(*offset)) : std::nullopt;
}

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') {
    ++p;
  }
  return p == pattern.size();
}

}  // namespace local
