#include "util/hash.hpp"

#include <doctest/doctest.h>

TEST_CASE("SHA-256 and HMAC agree with FIPS 180-2 and RFC 4231") {
  CHECK(util::sha256_hex("abc") ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const auto mac = util::hmac_sha256("Jefe", "what do ya want for nothing?");
  CHECK(util::hex(util::as_bytes(mac)) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const auto long_key = util::hmac_sha256(std::string(131, '\xaa'),
                                          "Test Using Larger Than Block-Size Key - Hash Key First");
  CHECK(util::hex(util::as_bytes(long_key)) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST_CASE("base64 round trip and rejection") {
  CHECK(util::base64("f") == "Zg==");
  CHECK(util::base64("fo") == "Zm8=");
  CHECK(util::base64("foo") == "Zm9v");
  CHECK(util::base64url("\xff\xfe") == "__4=");
  CHECK(util::from_base64("Zm8=").value() == "fo");
  CHECK_FALSE(util::from_base64("Zm8").has_value());
  CHECK_FALSE(util::from_base64("Z*8=").has_value());
}
