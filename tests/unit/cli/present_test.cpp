#include <algorithm>
#include <thread>

#include <doctest/doctest.h>

#include "cli/present/progress.hpp"
#include "cli/present/table.hpp"
#include "cli/terminal.hpp"

namespace {

class StillClock final : public util::Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return TimePoint(std::chrono::milliseconds(7)); }
};

using cli::RowState;

}  // namespace

TEST_CASE("table columns are three spaces apart and as wide as they look") {
  cli::Table table({"ID", "NAME", "PORTS"});
  table.add({"1", "名前", ""});
  table.add({"long-id", "b", "80"});
  CHECK(table.text() ==
        "ID        NAME   PORTS\n"
        "1         名前   \n"
        "long-id   b      80\n");
  CHECK(cli::Table({"ID", "NAME"}).text() == "ID   NAME\n");
}

TEST_CASE("width counts what a terminal shows") {
  CHECK(cli::display_width("caf\xc3\xa9") == 4);
  CHECK(cli::display_width("\x1b[31mred\x1b[0m") == 3);
  CHECK(cli::display_width("祭") == 2);
  CHECK(cli::fit_to_width("abcdef", 4) == "abc…");
  CHECK(cli::fit_to_width("祭祭祭", 4) == "祭…");
}

TEST_CASE("plain progress prints each change once") {
  const StillClock clock;
  cli::StringOutput output;
  cli::Progress progress(output, clock, cli::ProgressMode::automatic, "Deploying app");
  progress.update({"a", "Service a", "Creating"});
  progress.update({"a", "Service a", "Creating"});
  progress.update({"a", "Service a", "Failed", RowState::failed, "no such image"});
  progress.finish();
  CHECK(output.text() == "Service a  Creating\nService a  Failed  no such image\n");
}

TEST_CASE("json progress is one record a change") {
  const StillClock clock;
  cli::StringOutput output;
  cli::Progress progress(output, clock, cli::ProgressMode::json, "Deploying app");
  progress.update({"a", "Service a", "Created", RowState::done});
  CHECK(output.text() ==
        R"({"time":7,"id":"a","text":"Service a","status":"Created","state":"done","detail":""})"
        "\n");
}

TEST_CASE("on a terminal the last frame stays, with every row") {
  const StillClock clock;
  cli::StringOutput output({.is_terminal = true, .colour = false, .columns = 40, .rows = 5});
  {
    cli::Progress progress(output, clock, cli::ProgressMode::automatic, "Deploying app");
    for (const char* id : {"a", "b", "c", "d", "e", "f"}) {
      progress.update({id, std::string("Service ") + id, "Created", RowState::done});
    }
  }
  const std::string& text = output.text();
  const std::string last = text.substr(text.rfind("[+]"));
  CHECK(last.starts_with("[+] Deploying app 6/6\x1b[K\n ✔ Service a  Created"));
  CHECK(last.find(" ✔ Service f  Created") != std::string::npos);
}

TEST_CASE("a moving frame never outgrows the screen") {
  const StillClock clock;
  cli::StringOutput output({.is_terminal = true, .colour = false, .columns = 40, .rows = 8});
  {
    cli::Progress progress(output, clock, cli::ProgressMode::terminal, "Deploying app");
    for (int i = 0; i < 20; ++i) {
      progress.update({std::to_string(i), "Service " + std::to_string(i), "Creating"});
    }
    progress.update({"0", "Service 0", "Created", RowState::done});
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
  }
  const std::string& text = output.text();
  const std::size_t last = text.rfind("[+]");
  const std::size_t before = text.rfind("[+]", last - 1);
  REQUIRE(before != std::string::npos);
  const std::string moving = text.substr(before, last - before);
  CHECK(std::count(moving.begin(), moving.end(), '\n') == 7);
  CHECK(moving.find("Service 0 ") == std::string::npos);
  CHECK(moving.find(" … and 15 more") != std::string::npos);
}
