#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace local::balancer {

// A regular expression of a listener rule: POSIX extended syntax with \d, \w and \s. What goes
// beyond (look-around, lazy repetition, back-references) does not compile. Safe to share between
// threads.
class Regex {
 public:
  static std::shared_ptr<const Regex> compile(std::string_view source);

  explicit Regex(std::string source);  // only for compile()
  ~Regex();
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;

  [[nodiscard]] bool matches(std::string_view text) const;  // anywhere, unless it is anchored
  // The text with the first match replaced; $0 to $9 in `replacement` are the groups. Nothing when
  // there is no match.
  [[nodiscard]] std::optional<std::string> replaced(std::string_view text,
                                                    std::string_view replacement) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace local::balancer
