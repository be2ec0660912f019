#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "convert/builder.hpp"

namespace convert {

// The members of one `x-aws-…` mapping, read by name and type. A member of another type is reported
// and counts as absent; `finish` reports the members that nobody asked for. Numbers and flags may
// be written as strings, as variables give them. Must not outlive the node.
class Settings {
 public:
  // `path` is how messages call the mapping: "x-aws-ingress". A null node is an empty mapping.
  Settings(Builder& builder, const doc::Node& node, std::string path);

  [[nodiscard]] const doc::Node* find(std::string_view key);
  [[nodiscard]] std::optional<compose::Text> text(std::string_view key);
  [[nodiscard]] std::optional<compose::Number> number(std::string_view key);
  [[nodiscard]] std::optional<compose::Number> number(std::string_view key,
                                                      std::int64_t least,
                                                      std::int64_t most);
  [[nodiscard]] std::optional<compose::Flag> flag(std::string_view key);
  // One text or a list of them.
  [[nodiscard]] compose::TextList texts(std::string_view key);
  // Whole seconds: "1h", "90s", 90.
  [[nodiscard]] std::optional<compose::Number> seconds(std::string_view key,
                                                       std::int64_t least,
                                                       std::int64_t most);
  // One of `words`; another word is reported with the nearest one.
  [[nodiscard]] std::optional<compose::Text> word(std::string_view key,
                                                  const std::vector<std::string>& words);

  void finish();

  [[nodiscard]] std::string member(std::string_view key) const {
    return path_ + "." + std::string(key);
  }

  [[nodiscard]] const diag::Span& span() const { return span_; }

 private:
  void report(const doc::Node& value, std::string_view key, std::string_view must_be);
  [[nodiscard]] bool in_range(const doc::Node& value,
                              std::string_view key,
                              std::int64_t number,
                              std::int64_t least,
                              std::int64_t most);

  Builder& builder_;
  const doc::Mapping* mapping_ = nullptr;
  diag::Span span_;
  std::string path_;
  std::vector<std::string> asked_;
};

}  // namespace convert
