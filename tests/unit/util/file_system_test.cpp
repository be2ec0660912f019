#include "util/file_system.hpp"

#include <cerrno>

#include <doctest/doctest.h>

TEST_CASE("a real file system reads, tells kinds and says why not in lower case") {
  const util::RealFileSystem files;
  CHECK(files.read("LICENSE").value().find("Apache License") != std::string::npos);
  CHECK(files.stat("src").value() == util::FileKind::directory);
  CHECK(files.stat("LICENSE").value() == util::FileKind::regular);
  const auto missing = files.read("no/such/file");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ENOENT);
  CHECK(missing.error().message == "no such file or directory");
  CHECK(files.read("src").error().message == "is a directory");
  CHECK_FALSE(files.read_link("LICENSE"));
}

TEST_CASE("a file longer than the limit is refused") {
  CHECK(util::RealFileSystem(10).read("LICENSE").error().code == EFBIG);
}
