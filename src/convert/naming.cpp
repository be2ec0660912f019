#include "convert/naming.hpp"

#include <cstddef>

#include "util/hash.hpp"
#include "util/strings.hpp"

namespace convert {
namespace {

// Logical ids may have 255 characters; the longest suffix needs far fewer than these.
constexpr std::size_t kLongestPart = 180;

bool is_lower_letter(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_upper_letter(char c) {
  return c >= 'A' && c <= 'Z';
}

char to_capital(char c) {
  return is_lower_letter(c) ? static_cast<char>(c - 'a' + 'A') : c;
}

// `x` keeps its case: a capital X inside an id means "here is what was lost".
bool starts_capital(std::string_view name, std::size_t hyphen) {
  return hyphen != 0 && hyphen + 1 < name.size() && is_lower_letter(name[hyphen + 1]) &&
         name[hyphen + 1] != 'x';
}

std::string shortened(const std::string& id, std::string_view name) {
  constexpr std::size_t kHashDigits = 16;
  return id.substr(0, kLongestPart - kHashDigits - 1) + "X" +
         util::sha256_hex(name).substr(0, kHashDigits);
}

}  // namespace

std::string id_part(std::string_view name) {
  std::string id;
  std::string lost;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '-' && starts_capital(name, i) && !id.empty()) {
      id += to_capital(name[++i]);
      continue;
    }
    if (is_upper_letter(c) || !util::is_alnum(c)) {
      lost += (lost.empty() ? "X" : "x") + util::hex(name.substr(i, 1)) + std::to_string(i);
    }
    if (util::is_alnum(c)) {
      const std::string lower = util::to_lower(name.substr(i, 1));
      id += id.empty() ? to_capital(lower.front()) : lower.front();
    }
  }
  if (id.empty()) {
    id = "x";  // no other id starts with a small letter
  }
  id += lost;
  return id.size() > kLongestPart ? shortened(id, name) : id;
}

std::string legacy_id_part(std::string_view name) {
  std::string id;
  for (const char c : name) {
    if (util::is_alnum(c)) {
      id += id.empty() ? to_capital(c) : c;
    }
  }
  return id;
}

cloudformation::LogicalId logical_id(std::string_view name, std::string_view suffix) {
  return cloudformation::LogicalId{id_part(name) + std::string(suffix)};
}

std::string stack_name(std::string_view project) {
  std::string name = util::replace_all(project, "_", "-");
  const bool letter_first = !name.empty() && !util::is_digit(name.front()) && name.front() != '-';
  return letter_first ? name : "p" + name;
}

std::string ecs_name(std::string_view name) {
  return util::replace_all(name, ".", "_2e");
}

}  // namespace convert
