//! `whittle setup` with editors that say what the real ones say; a real Helix takes the file in tests/editors.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use super::Project;

/// As Helix 25.07: coloured also in a pipe.
const HX: &str = r#"#!/bin/sh
server() { printf '  \033[0;32m✓\033[m %s: \033[0;32m/bin/%s\033[m\n' "$1" "$1"; }
case "$1 $2" in
"--version ") echo "helix 25.07.1 (a05c151b)" ;;
"--health klingon") printf '\033[0;31mLanguage %s not found\033[m\n' "'klingon'" ;;
"--health rust") echo "Configured language servers:"; server rust-analyzer; echo "Configured debug adapter: None" ;;
"--health python") echo "Configured language servers:"; server ty; server ruff; echo "Configured debug adapter: None" ;;
"--health "*) printf 'Configured language servers:\033[0;33m None\033[m\n' ;;
esac
"#;

/// A user with editors in PATH: names and scripts.
fn with_editors(editors: &[(&str, &str)]) -> Project {
    let project = Project::new();
    let bin = project.folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for (name, script) in editors {
        fs::write(bin.join(name), script).unwrap();
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    symlink(env!("CARGO_BIN_EXE_whittle"), bin.join("whittle")).unwrap();
    project.env("PATH", format!("{}:/usr/bin:/bin", bin.display()))
}

impl Project {
    fn config(&self, name: &str) -> PathBuf {
        let file = self.folder.path().join("home/config").join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        file
    }
}

#[test]
fn helix_is_told_what_to_add_where() {
    let project = with_editors(&[("hx", HX)]);
    let file = project.config("helix/languages.toml");
    fs::write(&file, "# mine\n[[language]]\nname = \"rust\"\nauto-format = true\n").unwrap();
    let out = project.prints(&["setup", "helix", "--language", "rust", "--language", "python"]);
    let told = |part: &str| assert!(out.contains(part), "no {part:?} in:\n{out}");
    told("helix 25.07.1 (a05c151b)");
    told(&format!(
        "In {}, line 2, have:\n\n```toml\nlanguage-servers = [\"rust-analyzer\", \"whittle\"]\n```\n",
        file.display()
    ));
    told(&format!("At the end of {}:\n\n```toml\n[language-server.whittle]\ncommand = \"whittle\"\n", file.display()));
    told("[[language]]\nname = \"python\"\nlanguage-servers = [\"ty\", \"ruff\", \"whittle\"]\n");
    told("config.toml");
    told("whittle setup helix --write");
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 4); // only told
    let json = project.json(&["setup", "helix"]);
    assert_eq!((&json["done"], &json["steps"][0]["line"]), (&false.into(), &2.into()));
    // all that have code
    let text = json["steps"][1]["text"].as_str().unwrap();
    for name in ["python", "tsx", "jsx", "c-sharp", "bash"] {
        assert!(text.contains(&format!("name = \"{name}\"\n")), "{text}");
    }
    assert!(!text.contains("markdown"), "{text}");
    assert_eq!(project.json(&["setup", "hx", "--language", "markdown"])["done"], false);
    assert!(project.fails(&["setup", "helix", "--language", "klingon"]).contains("no language `klingon`"));
}

#[test]
fn helix_gets_whittle_through_links_with_a_copy_of_the_old_file() {
    let project = with_editors(&[("hx", HX)]);
    let (file, dotfiles) = (project.config("helix/languages.toml"), project.config("dotfiles/languages.toml"));
    let old = "[[language]] # mine\nname = \"rust\"\nlanguage-servers = [\n  \"rust-analyzer\", # best\n]\n";
    fs::write(&dotfiles, old).unwrap();
    fs::set_permissions(&dotfiles, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../dotfiles/languages.toml", &file).unwrap();
    let write = ["setup", "helix", "--write", "--language", "rust", "--language", "go"];
    let out = project.prints(&write);
    assert!(out.contains("languages.toml is changed; the old one is "), "{out}");
    let server = "\n[language-server.whittle]\ncommand = \"whittle\"\nargs = [\"lsp\"]\n";
    let go = "\n[[language]]\nname = \"go\"\nlanguage-servers = [\"whittle\"]\n";
    let new = format!("{}{server}{go}", old.replace("# best\n", "# best\n  \"whittle\",\n"));
    assert_eq!(fs::read_to_string(&file).unwrap(), new);
    assert!(file.is_symlink());
    assert_eq!(fs::metadata(&dotfiles).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::read_to_string(project.config("helix/languages.toml.before-whittle")).unwrap(), old);
    // once more: nothing to do, so no other copy
    let out = project.prints(&write);
    assert!(out.contains("Whittle is set up in Helix."), "{out}");
    assert_eq!(fs::read_to_string(&file).unwrap(), new);
    let left = |folder: &str| fs::read_dir(project.config(folder).parent().unwrap()).unwrap().count();
    assert_eq!((left("helix/x"), left("dotfiles/x")), (2, 1));
    // with more languages there is a second copy
    let json = project.json(&["setup", "helix", "--write"]);
    assert!(json["written"]["copy"].as_str().unwrap().ends_with("languages.toml.before-whittle-2"), "{json}");
    assert_eq!(json["done"], true);
}

#[test]
fn a_file_that_is_not_there_is_made() {
    let project = with_editors(&[("hx", HX)]);
    let out = project.prints(&["setup", "helix", "--write"]);
    assert!(out.contains("languages.toml is written, a new file."), "{out}");
    let text = fs::read_to_string(project.config("helix/languages.toml")).unwrap();
    assert!(text.starts_with("[language-server.whittle]\n"), "{text}");
    let listed = project.prints(&["setup"]);
    assert!(listed.contains("Helix    is set up"), "{listed}");
}

#[test]
fn a_broken_file_is_refused_with_its_line() {
    let project = with_editors(&[("hx", HX)]);
    let file = project.config("helix/languages.toml");
    fs::write(&file, "[[language]]\nname = \"rust\n").unwrap();
    let error = project.fails(&["setup", "helix", "--write"]);
    assert!(error.contains("languages.toml was left as it is: line 2: "), "{error}");
    assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn neovim_gets_a_file_for_its_version() {
    for (version, part) in [("0.12.4", "vim.lsp.enable('whittle')"), ("0.10.4", "vim.lsp.start({")] {
        let project = with_editors(&[("nvim", &format!("#!/bin/sh\necho NVIM v{version}\n"))]);
        let out = project.prints(&["setup", "neovim"]);
        assert!(out.contains("nvim/plugin/whittle.lua, a new file:\n\n```lua\nvim.") && out.contains(part), "{out}");
        assert!(project.fails(&["setup", "nvim", "--write"]).contains("`whittle setup neovim` prints a file"));
        assert!(project.prints(&["setup"]).contains("Neovim   not set up yet: `whittle setup neovim`"));
        let text = project.json(&["setup", "neovim"])["steps"][0]["text"].as_str().unwrap().to_owned();
        fs::write(project.config("nvim/plugin/whittle.lua"), text).unwrap();
        assert!(project.prints(&["setup", "neovim"]).contains("Whittle is set up in Neovim."));
    }
    let project = with_editors(&[("nvim", "#!/bin/sh\necho NVIM v0.9.5\n")]);
    assert!(project.fails(&["setup", "neovim"]).contains("needs 0.10"));
}

#[test]
fn vs_code_gets_its_extension() {
    let project = with_editors(&[("codium", "#!/bin/sh\n")]);
    let out = project.prints(&["setup", "vscode"]);
    assert!(out.contains("codium --install-extension whittle.vsix"), "{out}");
    assert!(project.fails(&["setup", "vscode", "--write"]).contains("an extension"));
    fs::create_dir_all(project.folder.path().join("home/.vscode-oss/extensions/whittle.whittle-0.1.0")).unwrap();
    assert!(project.prints(&["setup", "vscode"]).contains("Whittle is set up in VS Code."));
}

#[test]
fn other_editors_have_a_page() {
    let project = with_editors(&[]);
    let error = project.fails(&["setup", "emacs"]);
    assert!(error.contains("helix, neovim, vscode") && error.contains("docs/other-editors.md"), "{error}");
    assert!(project.fails(&["setup", "neovim", "--language", "rust"]).contains("for Helix alone"));
}

#[test]
fn a_workspaces_own_list_of_servers_is_named() {
    let project = with_editors(&[("hx", HX)]);
    project.prints(&["setup", "helix", "--write"]);
    assert!(project.prints(&["setup", "helix"]).contains("Whittle is set up in Helix."));
    project.write(".helix/languages.toml", "[[language]]\nname = \"rust\"\nlanguage-servers = [\"rust-analyzer\"]\n");
    let out = project.prints(&["setup", "helix"]);
    assert!(out.contains(".helix/languages.toml names only other servers for rust, and counts more"), "{out}");
    assert!(!out.contains("is set up"), "{out}");
    assert!(project.prints(&["setup"]).contains("Helix    not set up yet"));
    project.write(".helix/languages.toml", "[[language]]\nname = \"rust\"\nlanguage-servers = [\"whittle\"]\n");
    assert!(project.prints(&["setup", "helix"]).contains("Whittle is set up in Helix."));
}
