#include "local/state/sealer.hpp"

#include <cstdlib>
#include <memory>
#include <utility>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "util/hash.hpp"

namespace local {

namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

const unsigned char* in_bytes(std::string_view text) {
  return static_cast<const unsigned char*>(static_cast<const void*>(text.data()));
}

unsigned char* out_bytes(std::string& text, std::size_t at = 0) {
  return static_cast<unsigned char*>(static_cast<void*>(text.data() + at));
}

std::string random_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(out_bytes(bytes), static_cast<int>(count)) != 1) {
    std::abort();  // without random numbers nothing here is safe
  }
  return bytes;
}

}  // namespace

Sealer::Sealer(std::string key) : key_(std::move(key)) {
  if (key_.size() != kKeyBytes) {
    std::abort();
  }
}

std::string Sealer::new_key() {
  return random_bytes(kKeyBytes);
}

std::string Sealer::seal(std::string_view value, std::string_view context) const {
  std::string sealed = random_bytes(kNonceBytes);
  sealed.resize(kNonceBytes + value.size() + kTagBytes);
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool done =
      EVP_EncryptInit_ex(
          cipher.get(), EVP_aes_256_gcm(), nullptr, in_bytes(key_), in_bytes(sealed)) == 1 &&
      EVP_EncryptUpdate(
          cipher.get(), nullptr, &length, in_bytes(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(),
                        out_bytes(sealed, kNonceBytes),
                        &length,
                        in_bytes(value),
                        static_cast<int>(value.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), out_bytes(sealed, kNonceBytes + value.size()), &length) ==
          1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(),
                          EVP_CTRL_GCM_GET_TAG,
                          static_cast<int>(kTagBytes),
                          out_bytes(sealed, kNonceBytes + value.size())) == 1;
  if (!done) {
    std::abort();
  }
  return util::base64(sealed);
}

std::optional<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
  auto bytes = util::from_base64(sealed);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes) {
    return std::nullopt;
  }
  const std::size_t size = bytes->size() - kNonceBytes - kTagBytes;
  std::string value(size, '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new());
  int length = 0;
  const bool done =
      EVP_DecryptInit_ex(
          cipher.get(), EVP_aes_256_gcm(), nullptr, in_bytes(key_), in_bytes(*bytes)) == 1 &&
      EVP_DecryptUpdate(
          cipher.get(), nullptr, &length, in_bytes(context), static_cast<int>(context.size())) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(),
                        out_bytes(value),
                        &length,
                        in_bytes(std::string_view(*bytes).substr(kNonceBytes)),
                        static_cast<int>(size)) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(),
                          EVP_CTRL_GCM_SET_TAG,
                          static_cast<int>(kTagBytes),
                          out_bytes(*bytes, kNonceBytes + size)) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), out_bytes(value, size), &length) == 1;
  return done ? std::optional(std::move(value)) : std::nullopt;
}

}  // namespace local
