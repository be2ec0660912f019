#include "local/balancer/regex.hpp"

#include <array>

#include <regex.h>

namespace local::balancer {

namespace {

// The escapes that POSIX does not have; nothing for an expression that it would read otherwise.
std::optional<std::string> to_posix(std::string_view source) {
  std::string out;
  bool in_set = false;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const char c = source[i];
    const char next = i + 1 < source.size() ? source[i + 1] : '\0';
    const bool repeats = c == '*' || c == '+' || c == '?' || c == '}';
    if (c == '\0' || (c == '(' && next == '?') ||
        (!in_set && repeats && (next == '?' || next == '+'))) {
      return std::nullopt;
    }
    if (c == '[' || c == ']') {
      in_set = c == '[';
    }
    if (c != '\\') {
      out += c;
      continue;
    }
    ++i;
    switch (next) {
      case 'd': out += in_set ? "0-9" : "[0-9]"; break;
      case 'w': out += in_set ? "A-Za-z0-9_" : "[A-Za-z0-9_]"; break;
      case 's': out += in_set ? "[:space:]" : "[[:space:]]"; break;
      default:
        if (next == '\0' || (next >= '0' && next <= '9') || (next >= 'A' && next <= 'Z') ||
            (next >= 'a' && next <= 'z')) {
          return std::nullopt;
        }
        out += in_set ? "" : "\\";
        out += next;
    }
  }
  return out;
}

}  // namespace

struct Regex::Compiled {
  regex_t regex{};
  bool good = false;
};

Regex::Regex(std::string source) : compiled_(std::make_unique<Compiled>()) {
  compiled_->good = ::regcomp(&compiled_->regex, source.c_str(), REG_EXTENDED) == 0;
}

Regex::~Regex() {
  if (compiled_->good) {
    ::regfree(&compiled_->regex);
  }
}

std::shared_ptr<const Regex> Regex::compile(std::string_view source) {
  auto posix = to_posix(source);
  if (!posix) {
    return nullptr;
  }
  auto regex = std::make_shared<const Regex>(std::move(*posix));
  return regex->compiled_->good ? regex : nullptr;
}

bool Regex::matches(std::string_view text) const {
  return ::regexec(&compiled_->regex, std::string(text).c_str(), 0, nullptr, 0) == 0;
}

std::optional<std::string> Regex::replaced(std::string_view text,
                                           std::string_view replacement) const {
  std::array<regmatch_t, 10> groups{};
  const std::string whole(text);
  if (::regexec(&compiled_->regex, whole.c_str(), groups.size(), groups.data(), 0) != 0) {
    return std::nullopt;
  }
  const auto part = [&](const regmatch_t& group) {
    return group.rm_so < 0 ? std::string()
                           : whole.substr(static_cast<std::size_t>(group.rm_so),
                                          static_cast<std::size_t>(group.rm_eo - group.rm_so));
  };
  std::string out = whole.substr(0, static_cast<std::size_t>(groups[0].rm_so));
  for (std::size_t i = 0; i < replacement.size(); ++i) {
    const bool group = replacement[i] == '$' && i + 1 < replacement.size() &&
                       replacement[i + 1] >= '0' && replacement[i + 1] <= '9';
    if (group) {
      out += part(groups[static_cast<std::size_t>(replacement[++i] - '0')]);
    } else {
      out += replacement[i];
    }
  }
  return out + whole.substr(static_cast<std::size_t>(groups[0].rm_eo));
}

}  // namespace local::balancer
