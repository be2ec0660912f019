#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace local {

// Keeps values unreadable at rest: AES-256-GCM under a key that lives in a file of its own (0600).
// `context` (an ARN and a version) is authenticated with the value, so that a sealed value cannot
// be moved to another record.
class Sealer {
 public:
  static constexpr std::size_t kKeyBytes = 32;
  // `key`: kKeyBytes random bytes.
  explicit Sealer(std::string key);
  static std::string new_key();

  // Base64 text.
  [[nodiscard]] std::string seal(std::string_view value, std::string_view context) const;
  // Nothing when it was sealed under another key or context, or was changed.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed,
                                                std::string_view context) const;

 private:
  std::string key_;
};

}  // namespace local
