#include "util/uri.hpp"

#include <doctest/doctest.h>

TEST_CASE("percent-encoding keeps the unreserved characters only") {
  CHECK(util::uri_encode("a b+c/d~é*") == "a%20b%2Bc%2Fd~%C3%A9%2A");
  CHECK(util::uri_encode("/a b", "/") == "/a%20b");
  CHECK(util::uri_decode("a%20b%2Bc%2fd%C3%A9") == "a b+c/dé");
  CHECK(util::uri_decode("100%") == "100%");
  CHECK(util::uri_decode("%zz%4") == "%zz%4");
}
