#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace util {

using Sha256Digest = std::array<std::uint8_t, 32>;

// Over OpenSSL's low-level SHA-256 (no provider start-up, so it is cheap in a short process).
Sha256Digest sha256(std::string_view bytes);
Sha256Digest hmac_sha256(std::string_view key, std::string_view message);
std::string_view as_bytes(const Sha256Digest& digest);

std::string hex(std::string_view bytes);  // lower case
std::string sha256_hex(std::string_view bytes);
std::string sha1_hex(
    std::string_view bytes);  // only for names that others chose to make with SHA-1

std::string base64(std::string_view bytes);
std::string base64url(
    std::string_view bytes);  // with padding, as Docker's X-Registry-Auth wants it
// Strict standard alphabet with padding; nothing when ill-formed.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace util
