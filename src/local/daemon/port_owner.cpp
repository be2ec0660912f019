#include "local/daemon/port_owner.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <vector>

#include <dirent.h>
#include <unistd.h>

#include "local/daemon/files.hpp"
#include "util/file_system.hpp"
#include "util/strings.hpp"

namespace local::daemon {

namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

using Directory = std::unique_ptr<DIR, CloseDirectory>;

// The inode of the socket that listens on `port`, from a table in the format of /proc/net/tcp. The
// table may be long, but those who listen come first.
std::string listening_inode(const char* table, std::uint16_t port) {
  char wanted[8];
  std::snprintf(wanted, sizeof wanted, ":%04X", static_cast<unsigned>(port));
  std::ifstream file(table);
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    const std::vector<std::string> fields(std::istream_iterator<std::string>(words), {});
    if (fields.size() > 9 && fields[1].ends_with(wanted) && fields[3] == "0A") {
      return fields[9];
    }
  }
  return {};
}

bool holds_socket(const std::string& process, const std::string& link) {
  const std::string path = "/proc/" + process + "/fd";
  const Directory directory(::opendir(path.c_str()));
  if (!directory) {
    return false;
  }
  const util::RealFileSystem files;
  for (const dirent* entry = ::readdir(directory.get()); entry != nullptr;
       entry = ::readdir(directory.get())) {
    if (files.read_link(path + "/" + entry->d_name) == link) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string port_owner(std::uint16_t port) {
  std::string inode;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    if (inode.empty()) {
      inode = listening_inode(table, port);
    }
  }
  const Directory processes(inode.empty() ? nullptr : ::opendir("/proc"));
  if (!processes) {
    return {};
  }
  const std::string link = "socket:[" + inode + "]";
  for (const dirent* entry = ::readdir(processes.get()); entry != nullptr;
       entry = ::readdir(processes.get())) {
    const std::string process = entry->d_name;
    if (util::is_digit(process.front()) && holds_socket(process, link)) {
      const std::string name = read_small_file("/proc/" + process + "/comm").value_or("");
      return std::string(util::trim(name)) + " (process " + process + ")";
    }
  }
  return {};
}

}  // namespace local::daemon
