#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/present/progress.hpp"
#include "deploy/execute.hpp"

namespace cli {

class Session;

// Shows a deployment: one row a resource.
class DeployProgress final : public deploy::Observer {
 public:
  DeployProgress(const Session& session, std::string_view mode, std::string title);

  void on_step(const deploy::Step& step) override;
  void on_changes(const std::vector<deploy::PlannedChange>& changes) override;
  void on_event(const deploy::StackEvent& event) override;
  void on_remark(const std::string& line) override;

  void finish() { progress_.finish(); }

 private:
  Progress progress_;
};

// The --progress flag.
Flag progress_flag();

}  // namespace cli
