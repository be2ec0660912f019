#include "util/file_path.hpp"

#include <doctest/doctest.h>

TEST_CASE("paths are cleaned, joined and related by name alone") {
  CHECK(util::clean_path("/a/./b/../c//") == "/a/c");
  CHECK(util::clean_path("a/../..") == "..");
  CHECK(util::clean_path("") == ".");
  CHECK(util::clean_path("/../x") == "/x");
  CHECK(util::join_path("/w", "../x") == "/x");
  CHECK(util::join_path("sub", "./y") == "sub/y");
  CHECK(util::absolute_path("/w", "/x/") == "/x");
  CHECK(util::parent_path("/a/b") == "/a");
  CHECK(util::parent_path("b") == ".");
  CHECK(util::base_name("/a/b/") == "b");
  CHECK(util::relative_path("/a/b", "/a/c/d") == "../c/d");
  CHECK(util::relative_path("/a", "/a/b") == "b");
  CHECK(util::relative_path("/a", "/a") == ".");
}
