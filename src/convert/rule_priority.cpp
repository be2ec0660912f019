#include "convert/rule_priority.hpp"

#include <algorithm>
#include <array>

#include "util/hash.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

constexpr std::size_t kDeepest = 3;

struct Band {
  std::int64_t first;
  std::int64_t size;
};

// By kind of host and, in each, by depth of the path: 3 and more, 2, 1, none.
constexpr std::array<std::array<Band, kDeepest + 1>, 3> kBands = {{
    {{{1000, 1000}, {2000, 2000}, {4000, 9000}, {13000, 9000}}},
    {{{22000, 1000}, {23000, 1000}, {24000, 1000}, {25000, 1000}}},
    {{{26000, 2000}, {28000, 4000}, {32000, 15000}, {47000, 1000}}},
}};

bool has_wildcard(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

std::size_t host_kind(const std::vector<std::string>& hosts) {
  if (hosts.empty()) {
    return 2;
  }
  return std::any_of(
             hosts.begin(), hosts.end(), [](const auto& host) { return has_wildcard(host); })
             ? 1
             : 0;
}

std::size_t least_depth(const std::vector<std::string>& paths) {
  std::size_t least = paths.empty() ? 0 : kDeepest;
  for (const std::string& path : paths) {
    least = std::min(least, path_depth(path));
  }
  return least;
}

std::string_view literal_prefix(std::string_view path) {
  return path.substr(0, path.find_first_of("*?"));
}

}  // namespace

std::size_t path_depth(std::string_view path) {
  const std::string_view literal = literal_prefix(path);
  std::size_t depth = 0;
  for (const std::string& segment : util::split(literal, '/')) {
    depth += segment.empty() ? std::size_t{0} : std::size_t{1};
  }
  return depth;
}

bool is_narrower(std::string_view a, std::string_view b) {
  const std::string_view narrow = literal_prefix(a);
  const std::string_view wide = literal_prefix(b);
  return has_wildcard(b) && narrow.size() > wide.size() && narrow.starts_with(wide);
}

std::int64_t RulePriorities::assign(std::string_view key,
                                    const std::vector<std::string>& hosts,
                                    const std::vector<std::string>& paths) {
  const std::size_t depth = least_depth(paths);
  const Band band = kBands.at(host_kind(hosts)).at(kDeepest - depth);
  const std::string digest = util::sha256_hex(key).substr(0, 12);
  std::int64_t slot = static_cast<std::int64_t>(std::stoull(digest, nullptr, 16)) % band.size;
  while (!taken_.insert(band.first + slot).second) {
    slot = (slot + 1) % band.size;
  }
  return band.first + slot;
}

}  // namespace convert
