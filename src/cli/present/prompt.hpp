#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cli/present/keys.hpp"
#include "cli/terminal.hpp"

namespace cli {

// Questions on a terminal. Every function returns nothing when the user cancels (Ctrl-C, Ctrl-D,
// Escape), when the terminal goes away, or when a stop is requested. The terminal is in raw mode
// only while a question is open.
class Prompter {
 public:
  // What is wrong with an answer; empty when nothing is.
  using Check = std::function<std::string(std::string_view)>;

  Prompter(Input& input, Output& output, std::stop_token stop);

  // Questions can be asked: both sides are a terminal.
  [[nodiscard]] bool can_ask() const;

  // An empty line answers with `suggestion`, shown in parentheses.
  std::optional<std::string> text(std::string_view label,
                                  const std::string& suggestion = {},
                                  const Check& check = {});
  // Typed as asterisks; never shown.
  std::optional<std::string> secret(std::string_view label, const Check& check = {});
  // "[y/N]" or "[Y/n]".
  std::optional<bool> confirm(std::string_view label, bool suggestion);
  // Index into `items`, which must not be empty.
  std::optional<std::size_t> select(std::string_view label,
                                    const std::vector<std::string>& items,
                                    std::size_t initial = 0);

 private:
  enum class Echo : bool { masked, visible };

  std::optional<std::string> line(std::string_view label,
                                  const std::string& suggestion,
                                  const Check& check,
                                  Echo echo);
  std::optional<Key> read_key();
  void answered(std::string_view label, std::string_view answer);

  Input& input_;
  Output& output_;
  std::stop_token stop_;
  KeyDecoder keys_;  // what was typed ahead waits for the next question
};

}  // namespace cli
