#include "util/uri.hpp"

#include <doctest/doctest.h>

TEST_CASE("percent-encoding keeps the unreserved characters only") {
  CHECK(util::uri_encode("a b+c/d~é*") == "a%20b%2Bc%2Fd~%C3%A9%2A");
  CHECK(util::uri_encode("/a b", "/") == "/a%20b");
  CHECK(util::uri_decode("a%20b%2Bc%2fd%C3%A9") == "a b+c/dé");
  CHECK(util::uri_decode("100%") == "100%");
  CHECK(util::uri_decode("%zz%4") == "%zz%4");
}

TEST_CASE("URLs are taken apart") {
  const auto uri = util::parse_uri("HTTP://LocalHost:4566/a%20b?x=1#f");
  REQUIRE(uri);
  CHECK(uri->scheme == "http");
  CHECK(uri->authority() == "localhost:4566");
  CHECK(uri->path == "/a%20b");
  CHECK(uri->query == "x=1");
  CHECK(util::parse_uri("https://ecs.us-east-1.amazonaws.com:443")->authority() ==
        "ecs.us-east-1.amazonaws.com");
  CHECK(util::parse_uri("http://[fd00::1]:80/x")->authority() == "[fd00::1]");
  CHECK(util::parse_uri("https://h?q=1")->path == "/");
}

TEST_CASE("what is no URL of a server is refused") {
  for (const char* text : {"",
                           "ftp://h",
                           "h:80",
                           "http://",
                           "http://u@h",
                           "http://h:0",
                           "http://h:99999",
                           "http://h:+1",
                           "http://[::1",
                           "http://[::1]x",
                           "http://a b/"}) {
    CAPTURE(text);
    CHECK_FALSE(util::parse_uri(text));
  }
}
