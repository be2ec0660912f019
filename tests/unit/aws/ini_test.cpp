#include "aws/ini.hpp"

#include <string>

#include <doctest/doctest.h>

TEST_CASE("AWS's configuration format is read") {
  const auto sections = aws::parse_ini(
      "\xEF\xBB\xBF# comment\r\n"
      "[default]\r\n"
      "Region = eu-west-1\r\n"
      "  ; comment inside\n"
      "output: json\n"
      "\n"
      "[profile \"my name\"]\n"
      "credential_process = /bin/x --url https://h?a=b # not a comment\n"
      "s3 =\n"
      "  max_concurrent_requests = 20\n"
      "\taddressing_style = path\n"
      "long = a\n"
      " b\n"
      "[default]\n"
      "output = text\n");
  REQUIRE(sections);
  REQUIRE(sections->size() == 2);
  const auto& values = (*sections)[0].values;
  CHECK(values.at("region").text == "eu-west-1");
  CHECK(values.at("output").text == "text");
  const auto& profile = (*sections)[1];
  CHECK(profile.name == "profile \"my name\"");
  CHECK(profile.values.at("credential_process").text ==
        "/bin/x --url https://h?a=b # not a comment");
  CHECK(profile.values.at("s3").nested.at("addressing_style") == "path");
  CHECK(profile.values.at("long").text == "a\nb");
}

TEST_CASE("lines may be long") {
  const std::string token(100'000, 't');
  const auto sections = aws::parse_ini("[x]\naws_session_token=" + token);
  REQUIRE(sections);
  CHECK(sections->at(0).values.at("aws_session_token").text == token);
}

TEST_CASE("ill-formed files say where") {
  const auto at = [](std::string_view text) { return aws::parse_ini(text).error(); };
  CHECK(at("[a]\nx = 1\n[b\n").line == 3);
  CHECK(at("x = 1").message == "a key stands before the first [section]");
  CHECK(at("[a]\nwhat").message == "expected key = value");
  CHECK(at("[a]\n= 1").line == 2);
  CHECK(at("[a]\nb =\n  c").message == "expected key = value in the sub-section");
  CHECK(aws::parse_ini("")->empty());
}
