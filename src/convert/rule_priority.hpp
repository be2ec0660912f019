#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace convert {

// The order in which a listener tries its rules: the more specific first. A rule's number depends
// on its own conditions and key alone, as far as possible: adding a service must not renumber the
// rules of the others. 1 to 999 are left to people.
//
//   1000 … 21999   a full host name          (deeper paths first)
//  22000 … 25999   a host pattern
//  26000 … 46999   any host
//  47000 … 47999   every request
class RulePriorities {
 public:
  // Takes a number out of the game: one that a person gave.
  void reserve(std::int64_t priority) { taken_.insert(priority); }

  // The rule's number; the next free one when another rule has it.
  std::int64_t assign(std::string_view key,
                      const std::vector<std::string>& hosts,
                      const std::vector<std::string>& paths);

 private:
  std::set<std::int64_t> taken_;
};

// How many path segments come before the first wildcard: "/api/*" has one.
std::size_t path_depth(std::string_view path);

// Both rules match some request, they have the same specificity, and `a` is the narrower one.
bool is_narrower(std::string_view path_a, std::string_view path_b);

}  // namespace convert
