#include "compose/dotenv.hpp"

#include <doctest/doctest.h>

namespace {

std::string parse(std::string_view text) {
  compose::Environment out;
  const compose::DotenvSource source{[](std::string_view name) -> std::optional<std::string> {
                                       return name == "OS" ? std::optional<std::string>("env")
                                                           : std::nullopt;
                                     },
                                     {}};
  const auto done = compose::read_dotenv(text, source, out);
  if (!done) {
    return "error: " + done.error();
  }
  std::string all;
  for (const auto& [name, value] : out) {
    all += name + "=" + value + ";";
  }
  return all;
}

}  // namespace

TEST_CASE("unquoted values: comments, blanks, no escapes, carriage returns") {
  CHECK(parse("A=1#c\nB= # c\nC=x # c\nD=a\\nb\n") == "A=1#c;B=# c;C=x;D=a\\nb;");
  CHECK(parse("A=1\r\nB=2\r\n") == "A=1;B=2;");
  CHECK(parse("export A=1\nexport=2\nexportA=3") == "A=1;export=2;exportA=3;");
  CHECK(parse("A: 1") == "A=1;");
  CHECK(parse("\xEF\xBB\xBF"
              "A=1") == "A=1;");
}

TEST_CASE("quoted values: escapes, several lines, what follows is a new statement") {
  CHECK(parse("A=\"a\\nb\\t\\x\\0101\" B=2") == "A=a\nb\t\\xA;B=2;");
  CHECK(parse("A='a\\n$OS'") == "A=a\\n$OS;");
  CHECK(parse("A='it\\'s'") == "A=it's;");
  CHECK(parse("A=\"x\ny\"\nB=1") == "A=x\ny;B=1;");
  CHECK(parse("A=\"\\$OS\"") == "A=$OS;");
  CHECK(parse("A=\"x") == "error: line 1: unterminated quoted value \"x");
}

TEST_CASE("variables: the process first, then the file") {
  CHECK(parse("OS=1\nB=$OS") == "B=env;OS=1;");
  CHECK(parse("A=1\nB=${A}2${U:-x}") == "A=1;B=12x;");
  CHECK(parse("OS\nNONE\nA=1") == "A=1;OS=env;");
  CHECK(parse("A=${C") == "error: Invalid template: \"${C\"");
}

TEST_CASE("names that are none are told with their line") {
  CHECK(parse("\nA/B=1") == "error: line 2: unexpected character \"/\" in variable name \"A/B=1\"");
  CHECK(parse("A B=1") == "error: line 1: key cannot contain a space");
}
