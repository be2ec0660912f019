#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace local {

// An opaque token that means "from the n-th item on".
std::string page_token(std::size_t offset);
std::optional<std::size_t> parse_page_token(std::string_view token);

template <class T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;  // nothing after the last page
};

// The part of `all` that a request with `token` and `limit` asks for; nothing when the token is not
// one of ours.
template <class T>
std::optional<Page<T>> take_page(std::vector<T> all,
                                 const std::optional<std::string>& token,
                                 std::int64_t limit) {
  const auto start = token ? parse_page_token(*token) : std::optional<std::size_t>(0);
  if (!start) {
    return std::nullopt;
  }
  const std::size_t begin = std::min(*start, all.size());
  const std::size_t end =
      begin +
      std::min(all.size() - begin, static_cast<std::size_t>(std::max<std::int64_t>(limit, 1)));
  Page<T> page;
  if (end < all.size()) {
    page.next = page_token(end);
  }
  page.items.assign(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(begin)),
                    std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(end)));
  return page;
}

// `*` and `?` as in EC2's filters.
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace local
