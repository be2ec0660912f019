#pragma once

#include <map>
#include <string>
#include <vector>

#include "compose/resources.hpp"
#include "compose/service.hpp"

namespace compose {

// What the Compose files, their variables and profiles come to: everything resolved, checked and
// typed. All maps are keyed by the name used in the files.
struct Project {
  std::string name;
  std::string working_dir;                  // absolute
  std::map<std::string, Service> services;  // the active ones
  std::map<std::string, Network> networks;
  std::map<std::string, Volume> volumes;
  std::map<std::string, FileObject> secrets;
  std::map<std::string, FileObject> configs;
  std::map<std::string, Model> models;
  Extensions extensions;  // x-aws-cluster, x-aws-vpc, x-aws-loadbalancer, …

  std::vector<std::string> compose_files;      // in order of use, as opened
  std::vector<std::string> disabled_services;  // present, but in no active profile; sorted
};

}  // namespace compose
