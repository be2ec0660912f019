#include "cli/present/keys.hpp"

#include <doctest/doctest.h>

#include "cli/present/selection.hpp"

namespace {

using cli::Key;

std::string typed(std::string_view bytes) {
  cli::KeyDecoder keys;
  keys.feed(bytes);
  cli::LineEditor editor;
  while (const auto key = keys.next()) {
    editor.apply(*key);
  }
  return editor.text();
}

std::string chosen_after(cli::Selection& selection, std::string_view bytes) {
  cli::KeyDecoder keys;
  keys.feed(bytes);
  while (const auto key = keys.next()) {
    selection.apply(*key);
  }
  std::string text;
  for (const auto& line : selection.lines()) {
    text += line.marked ? "[" + std::string(line.text) + "]" : std::string(line.text);
  }
  return text;
}

}  // namespace

TEST_CASE("editing keys act on whole characters") {
  CHECK(typed("abc\x7f") == "ab");
  CHECK(typed("caf\xc3\xa9\x7f") == "caf");
  CHECK(typed("one two\x17") == "one ");
  CHECK(typed("abc\x15x") == "x");
  CHECK(typed("a\x1b[Cb\x1b[3~c") == "abc");
}

TEST_CASE("an escape sequence may arrive in pieces, an escape alone cancels") {
  cli::KeyDecoder keys;
  keys.feed("\x1b[");
  CHECK_FALSE(keys.next().has_value());
  keys.feed("B");
  CHECK(keys.next()->kind == Key::Kind::down);
  keys.feed("\x1b");
  CHECK_FALSE(keys.next().has_value());
  CHECK(keys.flush()->kind == Key::Kind::cancel);
  keys.feed("\x03");
  CHECK(keys.next()->kind == Key::Kind::cancel);
}

TEST_CASE("a selection wraps around, scrolls and filters") {
  cli::Selection selection({"alpha", "beta", "gamma", "delta"}, 1, 2);
  CHECK(chosen_after(selection, "") == "alpha[beta]");
  CHECK(chosen_after(selection, "\x1b[B") == "beta[gamma]");
  CHECK(chosen_after(selection, "\x1b[A\x1b[A\x1b[A") == "gamma[delta]");
  CHECK(chosen_after(selection, "\x1bOB") == "[alpha]beta");
  CHECK(chosen_after(selection, "ET") == "[beta]");
  CHECK(selection.chosen() == 1);
  CHECK(chosen_after(selection, "x").empty());
  CHECK(selection.chosen() == 4);
  CHECK(chosen_after(selection, "\x15") == "[alpha]beta");
}
