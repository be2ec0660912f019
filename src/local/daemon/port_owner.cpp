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

struct Listener {
  std::string address;  // "0100007F:11D6", as the table writes it
  std::string inode;
};

// Who listens, from a table in the format of /proc/net/tcp. The table may be long, but they come
// first.
std::vector<Listener> listeners(const char* table) {
  std::vector<Listener> out;
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);  // the heading
  while (std::getline(file, line)) {
    std::istringstream words(line);
    const std::vector<std::string> fields(std::istream_iterator<std::string>(words), {});
    if (fields.size() <= 9 || fields[3] != "0A") {
      break;
    }
    out.push_back({fields[1], fields[9]});
  }
  return out;
}

std::string listening_inode(const char* table, std::uint16_t port) {
  char wanted[8];
  std::snprintf(wanted, sizeof wanted, ":%04X", static_cast<unsigned>(port));
  for (const Listener& listener : listeners(table)) {
    if (listener.address.ends_with(wanted)) {
      return listener.inode;
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

std::vector<std::uint16_t> listening_ports(int pid) {
  constexpr std::string_view kLoopback = "0100007F:";
  std::vector<std::uint16_t> out;
  for (const Listener& listener : listeners("/proc/net/tcp")) {
    if (listener.address.starts_with(kLoopback) &&
        holds_socket(std::to_string(pid), "socket:[" + listener.inode + "]")) {
      out.push_back(static_cast<std::uint16_t>(
          std::stoul(listener.address.substr(kLoopback.size()), nullptr, 16)));
    }
  }
  return out;
}

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
