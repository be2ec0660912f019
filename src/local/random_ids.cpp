#include "local/random_ids.hpp"

#include <cstdlib>

#include <sys/random.h>

namespace local {

namespace {

// `length` characters of `alphabet`, each equally likely.
std::string random_text(std::string_view alphabet, std::size_t length) {
  const std::size_t usable = 256 - 256 % alphabet.size();
  std::string text;
  text.reserve(length);
  unsigned char bytes[64];
  while (text.size() < length) {
    const ssize_t got = getrandom(bytes, sizeof bytes, 0);
    if (got < 0) {
      std::abort();  // only without a kernel that has getrandom
    }
    for (ssize_t i = 0; i < got && text.size() < length; ++i) {
      if (bytes[i] < usable) {
        text.push_back(alphabet[bytes[i] % alphabet.size()]);
      }
    }
  }
  return text;
}

}  // namespace

std::string RandomIds::hex(std::size_t digits) {
  return random_text("0123456789abcdef", digits);
}

std::string RandomIds::alnum(std::size_t length) {
  return random_text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", length);
}

}  // namespace local
