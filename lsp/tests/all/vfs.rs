//! Projects on disk, and the texts of editors over them.

use std::fs;
use std::path::{Path, PathBuf};

use ambit_lsp::vfs::{Vfs, Workspace};
use tempfile::TempDir;

fn project(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let root = dir.path().to_owned();
    (dir, root)
}

fn names(workspace: &Workspace) -> Vec<String> {
    workspace.paths.keys().map(ToString::to_string).collect()
}

fn text(vfs: &Vfs, path: &Path) -> String {
    let (workspace, file) = vfs.find(path).unwrap();
    file.unwrap().text(&workspace.db).to_string()
}

#[test]
fn the_editor_beats_the_disk_until_it_closes() {
    let (_dir, root) = project(&[
        ("ambit.toml", ""),
        ("a.ambit", "role a"),
        ("sub/b.ambit", "role b"),
    ]);
    let path = root.join("a.ambit");
    let mut vfs = Vfs::default();
    vfs.set(&path, &"role edited".into(), 1);
    assert_eq!(
        names(vfs.find(&path).unwrap().0),
        ["a.ambit", "sub/b.ambit"]
    );
    assert_eq!(text(&vfs, &path), "role edited");
    fs::write(&path, "role other").unwrap();
    vfs.changed_on_disk(std::slice::from_ref(&path));
    assert_eq!(text(&vfs, &path), "role edited");
    vfs.set_folders(vec![root.clone()], &[]);
    vfs.close(&path);
    assert_eq!(text(&vfs, &path), "role other");
}

#[test]
fn changes_on_disk_are_taken_and_only_they() {
    let (_dir, root) = project(&[("ambit.toml", ""), ("a.ambit", "role a")]);
    let mut vfs = Vfs::default();
    vfs.set_folders(vec![root.clone()], &[]);
    assert_eq!(vfs.take_touched().len(), 1);
    let new = root.join("new.ambit");
    fs::write(&new, "role n").unwrap();
    vfs.changed_on_disk(std::slice::from_ref(&new));
    assert_eq!(vfs.take_touched().len(), 1);
    assert_eq!(text(&vfs, &new), "role n");
    vfs.changed_on_disk(std::slice::from_ref(&new));
    assert!(vfs.take_touched().is_empty(), "nothing changed");
    fs::remove_file(&new).unwrap();
    vfs.changed_on_disk(std::slice::from_ref(&new));
    assert!(vfs.find(&new).is_none());
}

#[test]
fn nested_projects_and_files_outside_any_stand_alone() {
    let (_dir, root) = project(&[
        ("one/ambit.toml", ""),
        ("one/a.ambit", "role a"),
        ("one/inner/ambit.toml", ""),
        ("one/inner/b.ambit", "role a"),
        ("loose.ambit", "role a"),
    ]);
    let mut vfs = Vfs::default();
    vfs.set_folders(vec![root.clone()], &[]);
    assert_eq!(vfs.workspaces().len(), 2);
    let loose = root.join("loose.ambit");
    assert!(vfs.find(&loose).is_none(), "not open, in no project");
    vfs.set(&loose, &"role x".into(), 1);
    assert_eq!(names(vfs.find(&loose).unwrap().0), ["loose.ambit"]);
    assert_eq!(
        names(vfs.find(&root.join("one/a.ambit")).unwrap().0),
        ["a.ambit"]
    );
    assert_eq!(
        names(vfs.find(&root.join("one/inner/b.ambit")).unwrap().0),
        ["b.ambit"]
    );
    vfs.close(&loose);
    assert!(vfs.find(&loose).is_none());
}

#[test]
fn an_unsaved_file_belongs_to_the_project_around_it() {
    let (_dir, root) = project(&[
        ("ambit.toml", "[build]\nout = \"gen\""),
        ("a.ambit", "role a"),
    ]);
    let mut vfs = Vfs::default();
    for (name, inside) in [
        ("x.ambit", true),
        ("gen/x.ambit", false),
        (".hidden/x.ambit", false),
        ("x.txt", false),
    ] {
        let path = root.join(name);
        vfs.set(&path, &"role x".into(), 1);
        let found = names(vfs.find(&path).unwrap().0);
        assert_eq!(
            found.contains(&"a.ambit".to_owned()),
            inside,
            "{name}: {found:?}"
        );
        vfs.close(&path);
    }
}

#[test]
fn settings_of_the_editor_count_and_a_new_project_takes_its_files() {
    let (_dir, root) = project(&[("a.ambit", "role a"), ("b.ambit", "role b")]);
    let (a, settings) = (root.join("a.ambit"), root.join("ambit.toml"));
    let mut vfs = Vfs::default();
    vfs.set(&a, &"role a".into(), 1);
    assert_eq!(names(vfs.find(&a).unwrap().0), ["a.ambit"]);
    vfs.set(&settings, &"[lints]\nmatch-all = \"deny\"".into(), 1);
    let workspace = vfs.find(&a).unwrap().0;
    assert_eq!(names(workspace), ["a.ambit", "b.ambit"]);
    assert_eq!(workspace.project.config(&workspace.db).lints.len(), 1);
    vfs.set(&settings, &"".into(), 2);
    let workspace = vfs.find(&settings).unwrap().0;
    assert!(workspace.project.config(&workspace.db).lints.is_empty());
}

#[test]
fn a_file_without_a_path_is_a_project_of_its_own() {
    let mut vfs = Vfs::default();
    let path = PathBuf::from("untitled:Untitled-1");
    vfs.set(&path, &"role a".into(), 1);
    assert_eq!(text(&vfs, &path), "role a");
}

#[test]
fn settings_that_are_closed_unsaved_take_their_project_along() {
    let (_dir, root) = project(&[("a.ambit", "role a"), ("b.ambit", "role b")]);
    let (a, settings) = (root.join("a.ambit"), root.join("ambit.toml"));
    let mut vfs = Vfs::default();
    vfs.set(&a, &"role a".into(), 1);
    vfs.set(&settings, &"".into(), 1);
    assert_eq!(names(vfs.find(&a).unwrap().0), ["a.ambit", "b.ambit"]);
    vfs.close(&settings);
    assert_eq!(names(vfs.find(&a).unwrap().0), ["a.ambit"]);
    assert!(vfs.find(&settings).is_none());
}

#[test]
fn another_folder_of_artifacts_lists_the_files_again() {
    let (_dir, root) = project(&[
        ("ambit.toml", ""),
        ("a.ambit", "role a"),
        ("gen/b.ambit", "role b"),
    ]);
    let (a, settings) = (root.join("a.ambit"), root.join("ambit.toml"));
    let mut vfs = Vfs::default();
    vfs.set(&settings, &"[build]\nout = \"gen\"".into(), 1);
    assert_eq!(names(vfs.find(&a).unwrap().0), ["a.ambit"]);
    vfs.set(&settings, &"".into(), 2);
    assert_eq!(names(vfs.find(&a).unwrap().0), ["a.ambit", "gen/b.ambit"]);
    vfs.set(&settings, &"[build]\nout = \"gen\"".into(), 3);
    assert_eq!(names(vfs.find(&a).unwrap().0), ["a.ambit"]);
}

#[test]
fn an_unsaved_project_inside_another_takes_its_files() {
    let (_dir, root) = project(&[
        ("ambit.toml", ""),
        ("a.ambit", "role a"),
        ("sub/b.ambit", "role b"),
    ]);
    let settings = root.join("sub/ambit.toml");
    let mut vfs = Vfs::default();
    vfs.set_folders(vec![root.clone()], &[]);
    vfs.set(&settings, &"".into(), 1);
    let inside = vfs.find(&root.join("sub/b.ambit")).unwrap().0;
    assert_eq!(names(inside), ["b.ambit"]);
    assert_eq!(
        names(vfs.find(&root.join("a.ambit")).unwrap().0),
        ["a.ambit"]
    );
    vfs.close(&settings);
    let outside = vfs.find(&root.join("sub/b.ambit")).unwrap().0;
    assert_eq!(names(outside), ["a.ambit", "sub/b.ambit"]);
}

#[test]
fn an_open_file_that_its_project_no_longer_lists_stands_alone() {
    let (_dir, root) = project(&[
        ("ambit.toml", ""),
        ("a.ambit", "role a"),
        ("gen/b.ambit", "role b"),
    ]);
    let (b, settings) = (root.join("gen/b.ambit"), root.join("ambit.toml"));
    let mut vfs = Vfs::default();
    vfs.set(&b, &"role b".into(), 1);
    assert_eq!(names(vfs.find(&b).unwrap().0), ["a.ambit", "gen/b.ambit"]);
    vfs.set(&settings, &"[build]\nout = \"gen\"".into(), 1);
    assert_eq!(names(vfs.find(&b).unwrap().0), ["b.ambit"]);
    vfs.set(&settings, &"".into(), 2);
    assert_eq!(names(vfs.find(&b).unwrap().0), ["a.ambit", "gen/b.ambit"]);
    assert_eq!(vfs.workspaces().len(), 1);
}
